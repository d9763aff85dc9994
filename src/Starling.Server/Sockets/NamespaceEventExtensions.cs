using Starling.Server.Sockets.Events;

namespace Starling.Server.Sockets;

/// <summary>Handlers that all sockets of a namespace share: they take no memory per socket.</summary>
/// <remarks>
/// Parameters are read from the event's arguments by System.Text.Json; an argument that the client did not send is the type's default.
/// An event whose arguments do not fit is logged and dropped. A request's result is its acknowledgement.
/// </remarks>
public static class NamespaceEventExtensions
{
    extension(INamespace target)
    {
        /// <summary>Handles an event with no arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On(string name, Func<Socket, Task> handler) => target.Listen(name, handler, ListenerFactory.For(handler));

        /// <summary>Handles an event with no arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On(string name, Action<Socket> handler) =>
            target.Listen(name, handler, ListenerFactory.For(socket =>
            {
                handler(socket);
                return Task.CompletedTask;
            }));

        /// <summary>Handles an event with one argument.</summary>
        /// <typeparam name="T">Type of the argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the argument.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On<T>(string name, Func<Socket, T?, Task> handler) => target.Listen(name, handler, ListenerFactory.For<T>(handler));

        /// <summary>Handles an event with one argument.</summary>
        /// <typeparam name="T">Type of the argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the argument.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On<T>(string name, Action<Socket, T?> handler) =>
            target.Listen(name, handler, ListenerFactory.For<T>((socket, value) =>
            {
                handler(socket, value);
                return Task.CompletedTask;
            }));

        /// <summary>Handles an event with two arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the arguments.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On<T1, T2>(string name, Func<Socket, T1?, T2?, Task> handler) => target.Listen(name, handler, ListenerFactory.For<T1, T2>(handler));

        /// <summary>Handles an event with two arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the arguments.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On<T1, T2>(string name, Action<Socket, T1?, T2?> handler) =>
            target.Listen(name, handler, ListenerFactory.For<T1, T2>((socket, first, second) =>
            {
                handler(socket, first, second);
                return Task.CompletedTask;
            }));

        /// <summary>Handles an event with three arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <typeparam name="T3">Type of the third argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the arguments.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On<T1, T2, T3>(string name, Func<Socket, T1?, T2?, T3?, Task> handler) => target.Listen(name, handler, ListenerFactory.For<T1, T2, T3>(handler));

        /// <summary>Handles an event with three arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <typeparam name="T3">Type of the third argument.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the arguments.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On<T1, T2, T3>(string name, Action<Socket, T1?, T2?, T3?> handler) =>
            target.Listen(name, handler, ListenerFactory.For<T1, T2, T3>((socket, first, second, third) =>
            {
                handler(socket, first, second, third);
                return Task.CompletedTask;
            }));

        /// <summary>Handles an event as it came, with any arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the event.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        [System.Runtime.CompilerServices.OverloadResolutionPriority(1)]
        public INamespace On(string name, Func<Socket, SocketEvent, Task> handler) => target.Listen(name, handler, ListenerFactory.ForEvent(handler));

        /// <summary>Handles an event as it came, with any arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the event.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On(string name, Func<Socket, SocketEvent, ValueTask> handler) =>
            target.Listen(name, handler, ListenerFactory.ForEvent((socket, received) => handler(socket, received).AsTask()));

        /// <summary>Handles an event as it came, with any arguments.</summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the event.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace On(string name, Action<Socket, SocketEvent> handler) =>
            target.Listen(name, handler, ListenerFactory.ForEvent((socket, received) =>
            {
                handler(socket, received);
                return Task.CompletedTask;
            }));

        /// <summary>Answers a request with no arguments.</summary>
        /// <typeparam name="TResult">Type of the acknowledgement.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and returns the answer.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace OnRequest<TResult>(string name, Func<Socket, Task<TResult>> handler) =>
            target.Listen(name, handler, ListenerFactory.ForRequest<TResult>(handler));

        /// <summary>Answers a request with one argument.</summary>
        /// <typeparam name="T">Type of the argument.</typeparam>
        /// <typeparam name="TResult">Type of the acknowledgement.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the argument and returns the answer.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace OnRequest<T, TResult>(string name, Func<Socket, T?, Task<TResult>> handler) =>
            target.Listen(name, handler, ListenerFactory.ForRequest<T, TResult>(handler));

        /// <summary>Answers a request with two arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <typeparam name="TResult">Type of the acknowledgement.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the arguments and returns the answer.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace OnRequest<T1, T2, TResult>(string name, Func<Socket, T1?, T2?, Task<TResult>> handler) =>
            target.Listen(name, handler, ListenerFactory.ForRequest<T1, T2, TResult>(handler));

        /// <summary>Answers a request with three arguments.</summary>
        /// <typeparam name="T1">Type of the first argument.</typeparam>
        /// <typeparam name="T2">Type of the second argument.</typeparam>
        /// <typeparam name="T3">Type of the third argument.</typeparam>
        /// <typeparam name="TResult">Type of the acknowledgement.</typeparam>
        /// <param name="name">Name of the event.</param>
        /// <param name="handler">Gets the socket and the arguments and returns the answer.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty or reserved by the protocol.</exception>
        public INamespace OnRequest<T1, T2, T3, TResult>(string name, Func<Socket, T1?, T2?, T3?, Task<TResult>> handler) =>
            target.Listen(name, handler, ListenerFactory.ForRequest<T1, T2, T3, TResult>(handler));

        private INamespace Listen(string name, Delegate handler, EventListener listener)
        {
            ArgumentNullException.ThrowIfNull(handler);
            target.Handlers.Events.Add(name, listener);
            return target;
        }
    }
}
