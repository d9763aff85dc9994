using System.Text;
using Starling.Protocol.Buffers;
using Starling.Protocol.SocketIo;
using Starling.Server.Backplane;
using Starling.Server.Rooms;
using Starling.Server.Sessions;
using Starling.Server.Sockets.Cluster;
using Starling.Server.Sockets.Events;
using Starling.Server.Sockets.Payloads;
using Starling.Server.Sockets.Recovery;

namespace Starling.Server.Sockets;

/// <summary>A group of sockets that shares one connection per client with other groups: <c>/</c>, <c>/chat</c>, <c>/admin</c>.</summary>
/// <remarks>Owner: its server, which makes it at most once per name. Thread-safe.</remarks>
public sealed class Namespace : INamespace, IBroadcastDomain
{
    private readonly DynamicNamespace? _parent;
    private readonly ClusterLink _cluster;
    private long _lastAckId = -1;
    private Task? _opening;

    internal Namespace(SocketIOServer server, string name, DynamicNamespace? parent)
    {
        Server = server;
        Name = name;
        Utf8Name = Encoding.UTF8.GetBytes(name);
        _parent = parent;
        Handlers = parent?.Handlers ?? new SocketHandlers();
        ConnectHandlers = parent?.ConnectHandlers ?? new ConnectHandlers();
        Topic = "socket.io#" + name + "#";
        if (server.Options.ConnectionStateRecovery is { } recovery)
        {
            Recovery = new RecoveryLog(recovery, server.Options.Heartbeat, server.Time);
            ClusterRecovery = new ClusterRecovery(this, Recovery, recovery);
        }

        _cluster = new ClusterLink(this, server.Backplane, server.Logger);
    }

    /// <summary>The namespace's name, with its leading slash.</summary>
    public string Name { get; }

    /// <summary>How many sockets of this node are in it.</summary>
    public int SocketCount => Rooms.SocketCount;

    /// <summary>The sockets of this node, as of now.</summary>
    public IReadOnlyList<Socket> Sockets => Rooms.Select(BroadcastTarget.Everyone);

    /// <summary>The names of the rooms that sockets of this node are in, their own left out.</summary>
    public IReadOnlyCollection<string> RoomNames => Rooms.RoomNames();

    internal SocketIOServer Server { get; }

    internal byte[] Utf8Name { get; }

    internal RoomTable Rooms { get; } = new();

    internal RecoveryLog? Recovery { get; }

    /// <summary>What makes a lost socket recoverable on other nodes; there if <see cref="Recovery"/> is.</summary>
    internal ClusterRecovery? ClusterRecovery { get; }

    /// <summary>How many clients are about to join. Guarded by the dynamic namespace that this one belongs to.</summary>
    internal int Joining { get; set; }

    /// <summary>Whether the application has asked for it, so that it stays when it is empty. Guarded like <see cref="Joining"/>.</summary>
    internal bool IsKept { get; set; }

    /// <summary>Whether it is empty and kept for clients that may come back. Guarded like <see cref="Joining"/>.</summary>
    internal bool IsWaitingForLost { get; set; }

    /// <summary>The backplane's topic for this namespace.</summary>
    internal string Topic { get; }

    internal SocketHandlers Handlers { get; }

    internal ConnectHandlers ConnectHandlers { get; }

    SocketHandlers INamespace.Handlers => _parent is null ? Handlers : throw NotItsOwn();

    ConnectHandlers INamespace.ConnectHandlers => _parent is null ? ConnectHandlers : throw NotItsOwn();

    BroadcastOperator INamespace.Everyone => new(this, BroadcastTarget.Everyone);

    /// <summary>Sends an event to the same namespace of all other nodes: to their servers, not to their clients.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="argument">The argument.</param>
    /// <returns>Completes when the event is handed to the backplane.</returns>
    public ValueTask ServerSideEmitAsync<T>(string name, T argument) => _cluster.ServerSideEmitAsync(name, new Arguments<T>(argument));

    /// <summary>Sends an event to the same namespace of all other nodes and awaits their answers.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <typeparam name="TResult">What the nodes answer with.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>One answer a node.</returns>
    /// <exception cref="AcknowledgementTimeoutException{TResult}">Not all nodes have answered within 5 s.</exception>
    public async Task<IReadOnlyList<TResult?>> ServerSideEmitWithAckAsync<T, TResult>(
        string name, T argument, CancellationToken cancellationToken = default)
    {
        var (answers, missing) = await _cluster.ServerSideEmitWithAckAsync(name, new Arguments<T>(argument), cancellationToken);
        var results = answers.ConvertAll(static answer => answer.Get<TResult>(0));
        return missing == 0 ? results : throw new AcknowledgementTimeoutException<TResult>(results, missing);
    }

    /// <summary>Handles an event that another node's server sends.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="handler">Gets the argument.</param>
    public void OnServerSide<T>(string name, Func<T?, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _cluster.Listen(name, async arguments =>
        {
            await handler(arguments.Get<T>(0));
            return null;
        });
    }

    /// <summary>Answers an event that another node's server sends.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <typeparam name="TResult">Type of the answer.</typeparam>
    /// <param name="name">Name of the event.</param>
    /// <param name="handler">Gets the argument and returns the answer.</param>
    public void OnServerSideRequest<T, TResult>(string name, Func<T?, Task<TResult>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _cluster.Listen(name, async arguments => Server.Serializer.ToJson(await handler(arguments.Get<T>(0))));
    }

    ValueTask IEmitter.EmitAsync<TArguments>(string name, TArguments arguments, CancellationToken cancellationToken) =>
        BroadcastAsync(name, arguments, BroadcastTarget.Everyone, BroadcastFlags.None, cancellationToken);

    async ValueTask IBroadcastDomain.BroadcastAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, CancellationToken cancellationToken) =>
        await BroadcastAsync(name, arguments, target, flags, cancellationToken);

    Task<(List<EventArguments> Answers, int Missing)> IBroadcastDomain.BroadcastWithAckAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        CheckEventName(name);
        return new BroadcastAcknowledgement(this, _cluster, Server.Engine.Wheel)
            .RunAsync(name, arguments, target, flags, timeout, cancellationToken);
    }

    Task<IReadOnlyList<RemoteSocket>> IBroadcastDomain.FetchSocketsAsync(
        BroadcastTarget target, BroadcastFlags flags, TimeSpan? timeout, CancellationToken cancellationToken) =>
        _cluster.FetchSocketsAsync(target, flags, timeout, cancellationToken);

    ValueTask IBroadcastDomain.JoinAsync(BroadcastTarget target, BroadcastFlags flags, string[] rooms)
    {
        foreach (var socket in Rooms.Select(target))
        {
            socket.Join(rooms);
        }

        return _cluster.JoinAsync(target, flags, rooms);
    }

    ValueTask IBroadcastDomain.LeaveAsync(BroadcastTarget target, BroadcastFlags flags, string[] rooms)
    {
        foreach (var socket in Rooms.Select(target))
        {
            socket.Leave(rooms);
        }

        return _cluster.LeaveAsync(target, flags, rooms);
    }

    ValueTask IBroadcastDomain.DisconnectAsync(BroadcastTarget target, BroadcastFlags flags, bool close)
    {
        foreach (var socket in Rooms.Select(target))
        {
            socket.Disconnect(close);
        }

        return _cluster.DisconnectAsync(target, flags, close);
    }

    internal static void CheckEventName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (ReservedEvents.Contains(name))
        {
            throw new ArgumentException($"\"{name}\" is an event of the protocol and cannot be sent.", nameof(name));
        }
    }

    internal long NextAckId() => Interlocked.Increment(ref _lastAckId);

    /// <summary>Opens the link to other nodes; only the first call does anything.</summary>
    internal Task OpenAsync()
    {
        lock (_cluster)
        {
            return _opening ??= _cluster.OpenAsync();
        }
    }

    internal ValueTask CloseClusterAsync() => _cluster.DisposeAsync();

    /// <summary>Encodes a packet of this namespace.</summary>
    internal void Encode<TArguments>(OutgoingMessage message, PacketType type, string? name, TArguments arguments, long ackId)
        where TArguments : struct, IArguments
    {
        var payload = Server.Codec.Begin(message, Utf8Name.Length);
        Server.Serializer.Write(payload, name, arguments, message.Attachments);
        Server.Codec.Complete(message, type, Utf8Name, ackId);
        message.IsAnswer = type == PacketType.Ack;
    }

    /// <summary>Encodes an event that is there as JSON already.</summary>
    internal void Encode(OutgoingMessage message, ReadOnlySpan<byte> array, IEnumerable<ReadOnlyMemory<byte>> attachments, long ackId)
    {
        Server.Codec.Begin(message, Utf8Name.Length).Write(array);
        message.Attachments.AddRange(attachments);
        Server.Codec.Complete(message, PacketType.Event, Utf8Name, ackId);
    }

    /// <summary>Sends an event to sockets of this node at once and to those of other nodes by the backplane.</summary>
    internal ValueTask BroadcastAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, CancellationToken cancellationToken)
        where TArguments : struct, IArguments
    {
        CheckEventName(name);
        var isLocal = _cluster.IsAlone || (flags & BroadcastFlags.Local) != 0;
        if (!isLocal || Stores(flags))
        {
            return BroadcastCopyAsync(name, arguments, target, flags, isLocal, cancellationToken);
        }

        var message = MessagePool.Rent();
        try
        {
            Encode(message, PacketType.Event, name, arguments, Packet.NoAck);
            Deliver(message, target, flags, name, []);
            return ValueTask.CompletedTask;
        }
        finally
        {
            MessagePool.Return(message);
        }
    }

    /// <summary>Delivers an event of another node to the sockets of this one.</summary>
    internal void DeliverEvent(SocketPayload payload, BroadcastTarget target, BroadcastFlags flags, RecoveryPosition? position)
    {
        ReadOnlyMemory<byte>[] attachments = [.. payload.Attachments];
        if (!Stores(flags))
        {
            DeliverEncoded(payload.Json.Span, attachments, target, flags);
            return;
        }

        lock (Recovery!.Order)
        {
            DeliverStored(new StoredEvent(payload.Json, attachments, position), target, flags);
        }
    }

    internal async Task CloseAsync(Socket socket, DisconnectReason reason)
    {
        await SocketClosing.RunAsync(this, socket, reason);
        _parent?.RemoveIfEmpty(this);
    }

    /// <summary>Ends what <see cref="SocketIOServer.FindNamespaceAsync"/> began.</summary>
    internal void EndJoin() => _parent?.EndJoin(this);

    private InvalidOperationException NotItsOwn() => new(
        $"Namespace {Name} is one of a dynamic namespace and has no handlers of its own; add them to what Of returned for its pattern.");

    private bool Stores(BroadcastFlags flags) => Recovery is not null && (flags & BroadcastFlags.Volatile) == 0;

    // The event outlives the call: in the recovery log, or on its way to other nodes.
    private ValueTask BroadcastCopyAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, bool isLocal, CancellationToken cancellationToken)
        where TArguments : struct, IArguments
    {
        using var payload = new PooledBuffer();
        var attachments = new List<ReadOnlyMemory<byte>>();
        Server.Serializer.Write(payload, name, arguments, attachments);
        var array = payload.Written.ToArray();
        var owned = BroadcastEncoding.Own(attachments);
        if (!Stores(flags))
        {
            DeliverEncoded(array, owned, target, flags);
            return _cluster.BroadcastAsync(new SocketPayload(array, owned), target, flags, requestId: null, position: null, cancellationToken);
        }

        lock (Recovery!.Order)
        {
            var position = isLocal ? default(RecoveryPosition?) : Recovery.NextPosition();
            DeliverStored(new StoredEvent(array, owned, position), target, flags);
            return isLocal
                ? ValueTask.CompletedTask
                : _cluster.BroadcastAsync(new SocketPayload(array, owned), target, flags, requestId: null, position, cancellationToken);
        }
    }

    private void DeliverStored(StoredEvent stored, BroadcastTarget target, BroadcastFlags flags)
    {
        (var offset, target) = Recovery!.Append(stored, target);
        DeliverEncoded(stored.WithOffset(offset), stored.Attachments, target, flags);
    }

    private void DeliverEncoded(
        ReadOnlySpan<byte> array, ReadOnlyMemory<byte>[] attachments, BroadcastTarget target, BroadcastFlags flags)
    {
        var message = MessagePool.Rent();
        try
        {
            Encode(message, array, attachments, Packet.NoAck);
            Deliver(message, target, flags, name: null, array);
        }
        finally
        {
            MessagePool.Return(message);
        }
    }

    // The event's name is read from its array only where somebody wants to hear of it.
    private void Deliver(OutgoingMessage message, BroadcastTarget target, BroadcastFlags flags, string? name, ReadOnlySpan<byte> array)
    {
        message.SkipCompression = (flags & BroadcastFlags.Uncompressed) != 0;
        var isVolatile = (flags & BroadcastFlags.Volatile) != 0;
        var sockets = Rooms.Select(target);
        var delivered = 0;
        foreach (var socket in sockets)
        {
            delivered += socket.Deliver(message, isVolatile) ? 1 : 0;
            if (socket.HearsOutgoing)
            {
                socket.NotifyOutgoing(name ??= EventName.ToText(array));
            }
        }

        Server.Metrics.Broadcast(delivered, isVolatile ? sockets.Length - delivered : 0);
    }
}
