using Starling.Server.Rooms;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets;

/// <summary>What can be set and sent on a namespace, on dynamic namespaces, and on the server.</summary>
public static class NamespaceExtensions
{
    extension(INamespace target)
    {
        /// <summary>The namespace's sockets of this node only.</summary>
        public BroadcastOperator Local => target.Everyone.Local;

        /// <summary>The namespace's sockets; those whose clients are not ready to take an event do not get it.</summary>
        public BroadcastOperator Volatile => target.Everyone.Volatile;

        /// <summary>The namespace's sockets in a room.</summary>
        /// <param name="rooms">Names of rooms.</param>
        /// <returns>Those sockets.</returns>
        public BroadcastOperator To(params ReadOnlySpan<string> rooms) => target.Everyone.To(rooms);

        /// <summary>The same as <c>To</c>.</summary>
        /// <param name="rooms">Names of rooms.</param>
        /// <returns>Those sockets.</returns>
        public BroadcastOperator In(params ReadOnlySpan<string> rooms) => target.Everyone.To(rooms);

        /// <summary>The namespace's sockets that are in none of these rooms.</summary>
        /// <param name="rooms">Names of rooms.</param>
        /// <returns>Those sockets.</returns>
        public BroadcastOperator Except(params ReadOnlySpan<string> rooms) => target.Everyone.Except(rooms);

        /// <summary>The namespace's sockets, with a time-out for acknowledgements.</summary>
        /// <param name="timeout">More than zero.</param>
        /// <returns>Those sockets.</returns>
        public BroadcastOperator Timeout(TimeSpan timeout) => target.Everyone.Timeout(timeout);

        /// <summary>Describes all sockets of the namespace, on all nodes.</summary>
        /// <param name="cancellationToken">Ends the wait for other nodes.</param>
        /// <returns>One description a socket.</returns>
        public Task<IReadOnlyList<RemoteSocket>> FetchSocketsAsync(CancellationToken cancellationToken = default) =>
            target.Everyone.FetchSocketsAsync(cancellationToken);

        /// <summary>Makes all sockets of the namespace join rooms.</summary>
        /// <param name="rooms">Names of rooms.</param>
        /// <returns>Completes when this node's sockets have joined and the other nodes are told.</returns>
        public ValueTask SocketsJoinAsync(params string[] rooms) => target.Everyone.SocketsJoinAsync(rooms);

        /// <summary>Makes all sockets of the namespace leave rooms.</summary>
        /// <param name="rooms">Names of rooms.</param>
        /// <returns>Completes when this node's sockets have left and the other nodes are told.</returns>
        public ValueTask SocketsLeaveAsync(params string[] rooms) => target.Everyone.SocketsLeaveAsync(rooms);

        /// <summary>Disconnects all sockets of the namespace.</summary>
        /// <param name="close">Whether to close their connections too.</param>
        /// <returns>Completes when this node's sockets are disconnected and the other nodes are told.</returns>
        public ValueTask DisconnectSocketsAsync(bool close = false) => target.Everyone.DisconnectSocketsAsync(close);

        /// <summary>Adds a step that a client passes before it joins. Steps run in the order in which they were added.</summary>
        /// <param name="middleware">Gets the socket; throws <see cref="ConnectRefusedException"/> to keep it out.</param>
        /// <returns>The same target.</returns>
        public INamespace Use(Func<Socket, CancellationToken, ValueTask> middleware)
        {
            ArgumentNullException.ThrowIfNull(middleware);
            target.ConnectHandlers.AddMiddleware(middleware);
            return target;
        }

        /// <summary>Adds a step that every event of every socket passes; one that throws keeps the event from its handlers.</summary>
        /// <param name="middleware">Gets the event and a token that fires when the socket is gone.</param>
        /// <returns>The same target.</returns>
        public INamespace UseForEvents(Func<SocketEvent, CancellationToken, ValueTask> middleware)
        {
            ArgumentNullException.ThrowIfNull(middleware);
            target.Handlers.AddMiddleware(middleware);
            return target;
        }

        /// <summary>
        /// Limits how often each socket may send an event. An event over the limit is not handled and gets an error as its acknowledgement; a
        /// client that goes on is disconnected with <see cref="DisconnectReason.RateLimitExceeded"/>. A second call for a name replaces the first.
        /// </summary>
        /// <param name="name">Name of the event.</param>
        /// <param name="perSecond">Events per second in the long run. More than zero.</param>
        /// <param name="burst">The most events at once, after a pause. At least 1.</param>
        /// <returns>The same target.</returns>
        /// <exception cref="ArgumentException">The name is empty, or the numbers are not a rate.</exception>
        public INamespace Limit(string name, double perSecond, int burst)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            var limit = new RateLimit(perSecond, burst);
            target.Handlers.Limits.Set(name, limit.Error is { } error ? throw new ArgumentException(error) : limit);
            return target;
        }

        /// <summary>Runs when a client has joined. What the handler adds before its first wait is in place when the client's events come.</summary>
        /// <param name="handler">Gets the socket.</param>
        /// <returns>The same target.</returns>
        public INamespace OnConnection(Func<Socket, Task> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            target.ConnectHandlers.AddConnected(new ConnectHandler((socket, _) => handler(socket)));
            return target;
        }

        /// <summary>Runs when a client has joined.</summary>
        /// <param name="handler">Gets the socket.</param>
        /// <returns>The same target.</returns>
        public INamespace OnConnection(Action<Socket> handler) => target.OnConnection(Tasks.From(handler));

        /// <summary>Runs when a socket is about to leave and is still in its rooms.</summary>
        /// <param name="handler">Gets the socket and the reason.</param>
        /// <returns>The same target.</returns>
        public INamespace OnDisconnecting(Func<Socket, DisconnectReason, Task> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            target.Handlers.AddDisconnecting(handler);
            return target;
        }

        /// <summary>Runs when a socket has left.</summary>
        /// <param name="handler">Gets the socket and the reason.</param>
        /// <returns>The same target.</returns>
        public INamespace OnDisconnect(Func<Socket, DisconnectReason, Task> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            target.Handlers.AddDisconnected(handler);
            return target;
        }

        /// <summary>Runs when a socket has left.</summary>
        /// <param name="handler">Gets the socket and the reason.</param>
        /// <returns>The same target.</returns>
        public INamespace OnDisconnect(Action<Socket, DisconnectReason> handler) => target.OnDisconnect(Tasks.From(handler));

        /// <summary>Runs for every event of every socket, before the event's own handlers.</summary>
        /// <param name="handler">Gets the event.</param>
        /// <returns>The same target.</returns>
        public INamespace OnAny(Func<SocketEvent, Task> handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            target.Handlers.AddAny(handler);
            return target;
        }

        /// <summary>
        /// Serves the namespace's clients by objects of a class, one for each socket, made with the socket's services. A client whose
        /// object cannot be made gets a <c>connect_error</c>.
        /// </summary>
        /// <typeparam name="THub">The class.</typeparam>
        /// <returns>The same target.</returns>
        public INamespace MapHub<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(
            System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] THub>()
            where THub : SocketHub
        {
            target.ConnectHandlers.AddConnected(new ConnectHandler((socket, hub) => hub!.StartAsync(socket), SocketHub.Create<THub>));
            return target;
        }
    }
}
