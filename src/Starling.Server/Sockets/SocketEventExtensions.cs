using Starling.Server.Sessions;
using Starling.Server.Sockets.Events;

namespace Starling.Server.Sockets;

/// <summary>Handlers of one socket.</summary>
/// <remarks>
/// Parameters are read from the event's arguments by System.Text.Json; an argument that the client did not send is the type's default.
/// An event whose arguments do not fit is logged and dropped. A request's result is its acknowledgement.
/// </remarks>
public static class SocketEventExtensions
{
    extension(Socket socket)
    {
        /// <summary>Handles an event with no arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Runs for each event.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On(string name, Func<Task> handler) => socket.Listen(name, handler, ListenerFactory.For(_ => handler()));

        /// <summary>Handles an event with no arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Runs for each event.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On(string name, Action handler) =>
            socket.Listen(name, handler, ListenerFactory.For(_ =>
            {
                handler();
                return Task.CompletedTask;
            }));

        /// <summary>Handles an event with one argument.</summary>
        /// <typeparam name="T">Type of the argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the argument.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On<T>(string name, Func<T?, Task> handler) => socket.Listen(name, handler, ListenerFactory.For<T>((_, value) => handler(value)));

        /// <summary>Handles an event with one argument.</summary>
        /// <typeparam name="T">Type of the argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the argument.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On<T>(string name, Action<T?> handler) =>
            socket.Listen(name, handler, ListenerFactory.For<T>((_, value) =>
            {
                handler(value);
                return Task.CompletedTask;
            }));

        /// <summary>Handles an event with two arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the arguments.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On<T1, T2>(string name, Func<T1?, T2?, Task> handler) => socket.Listen(name, handler, ListenerFactory.For<T1, T2>((_, first, second) => handler(first, second)));

        /// <summary>Handles an event with two arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the arguments.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On<T1, T2>(string name, Action<T1?, T2?> handler) =>
            socket.Listen(name, handler, ListenerFactory.For<T1, T2>((_, first, second) =>
            {
                handler(first, second);
                return Task.CompletedTask;
            }));

        /// <summary>Handles an event with three arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <typeparam name="T3">Type of the third argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the arguments.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On<T1, T2, T3>(string name, Func<T1?, T2?, T3?, Task> handler) => socket.Listen(name, handler, ListenerFactory.For<T1, T2, T3>((_, first, second, third) => handler(first, second, third)));

        /// <summary>Handles an event with three arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <typeparam name="T3">Type of the third argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the arguments.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On<T1, T2, T3>(string name, Action<T1?, T2?, T3?> handler) =>
            socket.Listen(name, handler, ListenerFactory.For<T1, T2, T3>((_, first, second, third) =>
            {
                handler(first, second, third);
                return Task.CompletedTask;
            }));

        /// <summary>Handles an event as it came, with any arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the event.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        [System.Runtime.CompilerServices.OverloadResolutionPriority(1)]
        public Socket On(string name, Func<SocketEvent, Task> handler) => socket.Listen(name, handler, ListenerFactory.ForEvent((_, received) => handler(received)));

        /// <summary>Handles an event as it came, with any arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the event.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On(string name, Func<SocketEvent, ValueTask> handler) =>
            socket.Listen(name, handler, ListenerFactory.ForEvent((_, received) => handler(received).AsTask()));

        /// <summary>Handles an event as it came, with any arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the event.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket On(string name, Action<SocketEvent> handler) =>
            socket.Listen(name, handler, ListenerFactory.ForEvent((_, received) =>
            {
                handler(received);
                return Task.CompletedTask;
            }));

        /// <summary>Answers a request with no arguments.</summary>
        /// <typeparam name="TResult">Type of the acknowledgement.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Runs for each event and returns the answer.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket OnRequest<TResult>(string name, Func<Task<TResult>> handler) =>
            socket.Listen(name, handler, ListenerFactory.ForRequest<TResult>(_ => handler()));

        /// <summary>Answers a request with one argument.</summary>
        /// <typeparam name="T">Type of the argument.</typeparam>
        /// <typeparam name="TResult">Type of the acknowledgement.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the argument and returns the answer.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket OnRequest<T, TResult>(string name, Func<T?, Task<TResult>> handler) =>
            socket.Listen(name, handler, ListenerFactory.ForRequest<T, TResult>((_, value) => handler(value)));

        /// <summary>Answers a request with two arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <typeparam name="TResult">Type of the acknowledgement.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the arguments and returns the answer.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket OnRequest<T1, T2, TResult>(string name, Func<T1?, T2?, Task<TResult>> handler) =>
            socket.Listen(name, handler, ListenerFactory.ForRequest<T1, T2, TResult>((_, first, second) => handler(first, second)));

        /// <summary>Answers a request with three arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <typeparam name="T3">Type of the third argument.</typeparam>
        /// <typeparam name="TResult">Type of the acknowledgement.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the arguments and returns the answer.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public Socket OnRequest<T1, T2, T3, TResult>(string name, Func<T1?, T2?, T3?, Task<TResult>> handler) =>
            socket.Listen(name, handler, ListenerFactory.ForRequest<T1, T2, T3, TResult>((_, first, second, third) => handler(first, second, third)));

        private Socket Listen(string name, Delegate handler, EventListener listener)
        {
            ArgumentNullException.ThrowIfNull(handler);
            socket.Handlers.Events.Add(name, listener);
            return socket;
        }

        /// <summary>Removes all handlers of an event from this socket; those of its namespace stay.</summary>
        /// <param name="name">Name of the event.</param>
        public void Off(string name) => socket.HandlersOrNull?.Events.Remove(name);

        /// <summary>Runs for every event of this socket, before the event's own handlers.</summary>
        /// <param name="handler">Gets the event.</param>
        public void OnAny(Func<SocketEvent, Task> handler) => socket.Handlers.AddAny(handler);

        /// <summary>Runs for every event that is sent to this socket alone.</summary>
        /// <param name="handler">Gets the event's name.</param>
        public void OnAnyOutgoing(Action<string> handler) => socket.Handlers.AddAnyOutgoing((_, name) => handler(name));

        /// <summary>Adds a step that every event of this socket passes; one that throws keeps the event from its handlers.</summary>
        /// <param name="middleware">Gets the event and a token that fires when the socket is gone.</param>
        public void Use(Func<SocketEvent, CancellationToken, ValueTask> middleware) => socket.Handlers.AddMiddleware(middleware);

        /// <summary>Runs when the socket is about to leave and is still in its rooms.</summary>
        /// <param name="handler">Gets the reason.</param>
        public void OnDisconnecting(Func<DisconnectReason, Task> handler) =>
            socket.Handlers.AddDisconnecting((_, reason) => handler(reason));

        /// <summary>Runs when the socket has left.</summary>
        /// <param name="handler">Gets the reason.</param>
        public void OnDisconnect(Func<DisconnectReason, Task> handler) => socket.Handlers.AddDisconnected((_, reason) => handler(reason));

        /// <summary>Runs when the socket has left.</summary>
        /// <param name="handler">Gets the reason.</param>
        public void OnDisconnect(Action<DisconnectReason> handler) => socket.OnDisconnect(Tasks.From(handler));
    }
}
