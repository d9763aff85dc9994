using System.Security.Claims;
using Starling.Protocol.SocketIo;
using Starling.Server.Diagnostics;
using Starling.Server.Rooms;
using Starling.Server.Sessions;
using Starling.Server.Sockets.Events;
using Starling.Server.Sockets.Payloads;
using Starling.Server.Sockets.Recovery;

namespace Starling.Server.Sockets;

/// <summary>One client in one namespace.</summary>
/// <remarks>
/// Owner: its <see cref="Namespace"/>, from the moment the client has joined until <see cref="Aborted"/> fires. Sending is thread-safe.
/// Handlers of one socket run one at a time, in the order in which events arrived; a handler that throws is logged and ends nothing.
/// </remarks>
public sealed class Socket : IEmitter
{
    private readonly SocketIOConnection _connection;
    private EventDispatcher? _dispatcher;
    private AcknowledgementTable? _acknowledgements;
    private LazyCancellation _aborted;
    private SocketHandlers? _handlers;
    private IDictionary<string, object?>? _data;
    private LazyScope _scope;
    private volatile SocketState _state;
    private volatile Task? _starting;

    internal Socket(Namespace owner, SocketIOConnection connection, SocketHandshake handshake, RecoveredSocket? recovered)
    {
        Namespace = owner;
        _connection = connection;
        Handshake = handshake;
        Recovered = recovered is not null;
        Id = recovered?.Id ?? connection.CreateSocketId(owner);
        Ticket = recovered?.Ticket ?? (owner.Recovery is null ? null : RecoveryTicket.Create(Id, handshake.Auth, owner.Server.Time));
        _data = recovered is null ? null : new Dictionary<string, object?>(recovered.Data, StringComparer.Ordinal);
        JoinedRooms = recovered is null ? null : new HashSet<string>(recovered.Rooms.Where(room => room != Id), StringComparer.Ordinal);
    }

    /// <summary>The socket's id; not the session's, and not to be given to other clients as a secret. Names the room it is alone in.</summary>
    public string Id { get; }

    /// <summary>The namespace that it is in.</summary>
    public Namespace Namespace { get; }

    /// <summary>The request that opened the connection, and what the client sent when it joined.</summary>
    public SocketHandshake Handshake { get; }

    /// <summary>The principal of the request that opened the connection.</summary>
    public ClaimsPrincipal User => Handshake.User;

    /// <summary>Services scoped to this socket; disposed after all its handlers have run, or when its client may not join.</summary>
    /// <exception cref="ObjectDisposedException">The socket has left and its services are disposed.</exception>
    public IServiceProvider Services => _scope.Open(Namespace.Server.Services);

    /// <summary>What the application keeps about the socket; survives a recovery. Not synchronised: use it in the socket's handlers.</summary>
    public IDictionary<string, object?> Data => _data ??= new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <summary>Whether this is a socket that a client lost and got back, with its id, rooms and data.</summary>
    public bool Recovered { get; }

    /// <summary>Whether the client is in the namespace.</summary>
    public bool Connected => _state == SocketState.Connected;

    /// <summary>
    /// Fires when the client has left, or may not join. Events that were received before are still handled, after it has fired; so use it
    /// for work that is of use to this client only.
    /// </summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>The Engine.IO session that carries the socket.</summary>
    public Session Session => _connection.Session;

    /// <summary>The rooms that the socket is in, its own among them.</summary>
    public IReadOnlyCollection<string> Rooms => Namespace.Rooms.RoomsOf(this);

    /// <summary>Everybody else in the namespace.</summary>
    public BroadcastOperator Broadcast => new(Namespace, BroadcastTarget.Everyone.WithExcept([Id]));

    /// <summary>Everybody else in the namespace on this node.</summary>
    public BroadcastOperator Local => Broadcast.Local;

    /// <summary>Sends to this client only if it is ready to take the event at once.</summary>
    public SocketEmitter Volatile => new(this, isVolatile: true, timeout: null);

    /// <summary>What the client needs to get the socket back; null when recovery is off.</summary>
    internal RecoveryTicket? Ticket { get; private set; }

    /// <summary>Whether the client has still to pass the middleware.</summary>
    internal bool IsConnecting => _state == SocketState.Connecting;

    internal PayloadSerializer Serializer => Namespace.Server.Serializer;

    internal AcknowledgementTable Acknowledgements =>
        _acknowledgements ?? Interlocked.CompareExchange(ref _acknowledgements, new AcknowledgementTable(), null) ?? _acknowledgements;

    /// <summary>Guarded by the room table.</summary>
    internal HashSet<string>? JoinedRooms { get; set; }

    internal SocketHandlers Handlers => _handlers ??= new SocketHandlers();

    internal SocketHandlers? HandlersOrNull => _handlers;

    /// <summary>Everybody else in a room.</summary>
    /// <param name="rooms">Names of rooms.</param>
    /// <returns>Those sockets.</returns>
    public BroadcastOperator To(params ReadOnlySpan<string> rooms) => Broadcast.To(rooms);

    /// <summary>The same as <see cref="To"/>.</summary>
    /// <param name="rooms">Names of rooms.</param>
    /// <returns>Those sockets.</returns>
    public BroadcastOperator In(params ReadOnlySpan<string> rooms) => Broadcast.To(rooms);

    /// <summary>Everybody else who is in none of these rooms.</summary>
    /// <param name="rooms">Names of rooms.</param>
    /// <returns>Those sockets.</returns>
    public BroadcastOperator Except(params ReadOnlySpan<string> rooms) => Broadcast.Except(rooms);

    /// <summary>Sends to this client, with a time-out for acknowledgements.</summary>
    /// <param name="timeout">More than zero.</param>
    /// <returns>An emitter for this client.</returns>
    public SocketEmitter Timeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        return new(this, isVolatile: false, timeout);
    }

    /// <summary>Joins rooms. Takes effect before the call returns, or, in middleware, when the client has joined the namespace.</summary>
    /// <param name="rooms">Names of rooms.</param>
    public void Join(params ReadOnlySpan<string> rooms) => Namespace.Rooms.Join(this, rooms);

    /// <summary>Leaves rooms. Takes effect before the call returns.</summary>
    /// <param name="rooms">Names of rooms.</param>
    public void Leave(params ReadOnlySpan<string> rooms) => Namespace.Rooms.Leave(this, rooms);

    /// <summary>Sends an event and awaits its acknowledgement.</summary>
    /// <typeparam name="TResult">What the client answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, or the socket has disconnected.</exception>
    public Task<TResult?> EmitWithAckAsync<TResult>(string name, CancellationToken cancellationToken = default) =>
        new SocketEmitter(this, isVolatile: false, timeout: null).EmitWithAckAsync<TResult>(name, cancellationToken);

    /// <summary>Sends an event with an argument and awaits its acknowledgement.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <typeparam name="TResult">What the client answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, or the socket has disconnected.</exception>
    public Task<TResult?> EmitWithAckAsync<T, TResult>(string name, T argument, CancellationToken cancellationToken = default) =>
        new SocketEmitter(this, isVolatile: false, timeout: null).EmitWithAckAsync<T, TResult>(name, argument, cancellationToken);

    /// <summary>Sends an event with two arguments and awaits its acknowledgement.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second argument.</typeparam>
    /// <typeparam name="TResult">What the client answers with; <see cref="EventArguments"/> for all that it answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="first">The first argument.</param>
    /// <param name="second">The second argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, or the socket has disconnected.</exception>
    public Task<TResult?> EmitWithAckAsync<T1, T2, TResult>(
        string name, T1 first, T2 second, CancellationToken cancellationToken = default) =>
        new SocketEmitter(this, isVolatile: false, timeout: null).EmitWithAckAsync<T1, T2, TResult>(name, first, second, cancellationToken);

    /// <summary>Sends an event with three arguments and awaits its acknowledgement.</summary>
    /// <typeparam name="T1">Type of the first argument.</typeparam>
    /// <typeparam name="T2">Type of the second argument.</typeparam>
    /// <typeparam name="T3">Type of the third argument.</typeparam>
    /// <typeparam name="TResult">What the client answers with; <see cref="EventArguments"/> for all that it answers with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="first">The first argument.</param>
    /// <param name="second">The second argument.</param>
    /// <param name="third">The third argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, or the socket has disconnected.</exception>
    public Task<TResult?> EmitWithAckAsync<T1, T2, T3, TResult>(
        string name, T1 first, T2 second, T3 third, CancellationToken cancellationToken = default) =>
        new SocketEmitter(this, isVolatile: false, timeout: null).EmitWithAckAsync<T1, T2, T3, TResult>(name, first, second, third, cancellationToken);

    /// <summary>Removes the socket from its namespace.</summary>
    /// <param name="close">Whether to close the connection too, and with it the client's sockets in other namespaces.</param>
    public void Disconnect(bool close = false)
    {
        if (close)
        {
            Session.Close(DisconnectReason.ForcedServerClose);
        }
        else if (Connected)
        {
            _connection.SendDisconnect(this);
            _connection.Remove(this);
            OnClosed(DisconnectReason.ServerNamespaceDisconnect);
        }
    }

    ValueTask IEmitter.EmitAsync<TArguments>(string name, TArguments arguments, CancellationToken cancellationToken) =>
        EmitAsync(name, arguments, isVolatile: false, cancellationToken);

    internal ValueTask EmitAsync<TArguments>(string name, TArguments arguments, bool isVolatile, CancellationToken cancellationToken)
        where TArguments : struct, IArguments
    {
        if (Namespace.Recovery is not null && !isVolatile)
        {
            // The packet must be stored like a broadcast, so that a client that returns gets it in order with those.
            return Namespace.BroadcastAsync(
                name, arguments, BroadcastTarget.Everyone.WithRooms([Id]), BroadcastFlags.Local, cancellationToken);
        }

        return Send(PacketType.Event, name, arguments, Packet.NoAck, isVolatile, cancellationToken);
    }

    internal ValueTask SendAckAsync<TArguments>(long ackId, TArguments arguments)
        where TArguments : struct, IArguments =>
        Send(PacketType.Ack, null, arguments, ackId, isVolatile: false, CancellationToken.None);

    internal ValueTask Send<TArguments>(
        PacketType type, string? name, TArguments arguments, long ackId, bool isVolatile, CancellationToken cancellationToken)
        where TArguments : struct, IArguments
    {
        if (!Connected)
        {
            return ValueTask.CompletedTask;
        }

        var message = MessagePool.Rent();
        try
        {
            Namespace.Encode(message, type, name, arguments, ackId);
            Deliver(message, isVolatile);
        }
        finally
        {
            MessagePool.Return(message);
        }

        if (name is not null)
        {
            NotifyOutgoing(name);
        }

        return Session.WaitsForSlowClients && !isVolatile && !Session.IsWritable
            ? Session.WaitForRoomAsync(cancellationToken)
            : ValueTask.CompletedTask;
    }

    /// <summary>Hands an encoded packet to the session; false when it was dropped.</summary>
    internal bool Deliver(OutgoingMessage message, bool isVolatile) => Connected && Session.Send(message, isVolatile);

    /// <summary>Whether somebody wants to hear of what is sent to this client.</summary>
    internal bool HearsOutgoing => _handlers is { AnyOutgoing.Length: > 0 };

    // One that fails must not keep an event from the other clients of a broadcast.
    internal void NotifyOutgoing(string name)
    {
        foreach (var handler in _handlers?.AnyOutgoing ?? [])
        {
            try
            {
                handler(this, name);
            }
            catch (Exception exception)
            {
                EventDispatcher.Report(this, name, exception);
            }
        }
    }

    /// <summary>Makes a socket that has passed the middleware a connected one; false when its client has left.</summary>
    internal bool TrySetConnected() =>
        Interlocked.CompareExchange(ref _state, SocketState.Connected, SocketState.Connecting) == SocketState.Connecting;

    /// <summary>Gives the socket what its log kept for it.</summary>
    internal void Recover(RecoveredSocket lost) => Ticket = lost.Ticket;

    /// <summary>Keeps the services until the connection handlers have run.</summary>
    internal void SetStarting(Task handlers)
    {
        _starting = ClearAsync();
        if (_starting.IsCompleted)
        {
            _starting = null;
        }

        async Task ClearAsync()
        {
            await handlers;
            _starting = null;
        }
    }

    // The read loop is the only one that calls, and until a client has sent its first event it needs no dispatcher.
    internal ValueTask OnEventAsync(in Packet packet, IReadOnlyList<ReadOnlyMemory<byte>> attachments) =>
        (_dispatcher ?? CreateDispatcher()).DispatchAsync(new EventCall(this, packet.Data, attachments, packet.AckId));

    private EventDispatcher CreateDispatcher()
    {
        var options = Namespace.Server.Options;
        var created = new EventDispatcher(this, options.MaxQueuedEvents, options.MaxQueuedEventBytes);
        return Interlocked.CompareExchange(ref _dispatcher, created, null) ?? created;
    }

    /// <summary>Takes no further event of the client. Completes when those that were received are handled.</summary>
    internal Task CompleteEventsAsync(bool drops) => (_dispatcher ?? CreateDispatcher()).CompleteAsync(drops);

    /// <summary>Completes when no handler of the client's events is running.</summary>
    internal Task WhenIdleAsync() => _dispatcher?.WhenIdleAsync() ?? Task.CompletedTask;

    internal void OnAck(in Packet packet, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        if (_acknowledgements is { } table && table.TryTake(packet.AckId, out var waiting))
        {
            waiting.Complete(new EventArguments(packet.Data.ToArray(), startsWithName: false, attachments, Serializer));
        }
    }

    /// <summary>Takes the socket out of its namespace and tells the application. Only the first call does anything.</summary>
    internal void OnClosed(DisconnectReason reason)
    {
        if (Interlocked.Exchange(ref _state, SocketState.Closed) != SocketState.Connected)
        {
            return;
        }

        _ = Namespace.CloseAsync(this, reason);
    }

    /// <summary>Disconnects a client that goes on sending too much, so that it does not come back by itself.</summary>
    internal void DisconnectForRate()
    {
        _connection.SendDisconnect(this);
        Session.Close(DisconnectReason.RateLimitExceeded);
    }

    /// <summary>Ends everything that waits for the client.</summary>
    internal void Abort()
    {
        _acknowledgements?.CancelAll();
        Namespace.Server.Logger.ReportCallbacks(_aborted.Cancel(), "Socket.Aborted", Id);
    }

    /// <summary>Ends a socket whose client does not join: refused, or gone in the meantime.</summary>
    internal ValueTask AbandonAsync()
    {
        _state = SocketState.Closed;
        Abort();
        return ReleaseAsync();
    }

    /// <summary>Disposes the services once nothing of the application uses them any more.</summary>
    internal async ValueTask ReleaseAsync()
    {
        if (_starting is { } starting)
        {
            await starting;
        }

        try
        {
            await _scope.EndAsync();
        }
        catch (Exception exception)
        {
            Namespace.Server.Logger.ServicesNotDisposed(exception, Id, Namespace.Name);
        }
    }
}
