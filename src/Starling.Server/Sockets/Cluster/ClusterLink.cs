using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Starling.Protocol.Buffers;
using Starling.Server.Backplane;
using Starling.Server.Diagnostics;
using Starling.Server.Rooms;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets.Cluster;

/// <summary>One namespace's link to the same namespace on other nodes: what it tells them and what it does for them.</summary>
/// <remarks>Owner: its namespace, for as long as that lives. Thread-safe.</remarks>
internal sealed class ClusterLink(Namespace owner, IBackplane backplane, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private readonly string _topic = owner.Topic;
    private readonly ConcurrentDictionary<string, Func<EventArguments, Task<byte[]?>>> _listeners = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, BroadcastAcknowledgement> _broadcasts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ClusterRequest> _requests = new(StringComparer.Ordinal);
    private IAsyncDisposable? _subscription;

    public bool IsAlone => backplane.IsAlone;

    public async Task OpenAsync() => _subscription = await backplane.SubscribeAsync(_topic, OnMessageAsync, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_subscription is { } subscription)
        {
            await subscription.DisposeAsync();
        }
    }

    public ValueTask<int> CountOthersAsync(CancellationToken cancellationToken) => backplane.CountOthersAsync(_topic, cancellationToken);

    /// <summary>Registers a broadcast whose answers come from other nodes too, and returns the id that they carry.</summary>
    public string Expect(BroadcastAcknowledgement broadcast)
    {
        var id = Guid.NewGuid().ToString("N");
        _broadcasts[id] = broadcast;
        return id;
    }

    public void Forget(string? requestId)
    {
        if (requestId is not null)
        {
            _broadcasts.TryRemove(requestId, out _);
        }
    }

    public ValueTask BroadcastAsync(
        SocketPayload payload, BroadcastTarget target, BroadcastFlags flags, string? requestId, RecoveryPosition? position,
        CancellationToken cancellationToken) =>
        backplane.PublishAsync(
            new BroadcastMessage(_topic, payload, Select(target), (flags & BroadcastFlags.Volatile) != 0, requestId, position),
            cancellationToken);

    public ValueTask JoinAsync(BroadcastTarget target, BroadcastFlags flags, string[] rooms) =>
        PublishAsync(flags, () => new SocketsJoinMessage(_topic, Select(target), rooms));

    public ValueTask LeaveAsync(BroadcastTarget target, BroadcastFlags flags, string[] rooms) =>
        PublishAsync(flags, () => new SocketsLeaveMessage(_topic, Select(target), rooms));

    public ValueTask DisconnectAsync(BroadcastTarget target, BroadcastFlags flags, bool close) =>
        PublishAsync(flags, () => new DisconnectSocketsMessage(_topic, Select(target), close));

    public async Task<IReadOnlyList<RemoteSocket>> FetchSocketsAsync(
        BroadcastTarget target, BroadcastFlags flags, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var local = owner.Rooms.Select(target).Select(Describe).ToList();
        if (IsAlone || (flags & BroadcastFlags.Local) != 0)
        {
            return local;
        }

        var (answers, missing) = await AskAsync(
            id => new FetchSocketsMessage(_topic, id, Select(target)), timeout ?? DefaultTimeout, cancellationToken);
        if (missing > 0)
        {
            throw new TimeoutException($"{missing} nodes have not described their sockets within {timeout ?? DefaultTimeout}.");
        }

        return [.. local, .. answers.OfType<SocketsMessage>().SelectMany(static answer => answer.Sockets)];
    }

    public void Listen(string name, Func<EventArguments, Task<byte[]?>> listener)
    {
        Namespace.CheckEventName(name);
        _listeners[name] = listener;
    }

    public ValueTask ServerSideEmitAsync<TArguments>(string name, TArguments arguments)
        where TArguments : struct, IArguments =>
        PublishAsync(BroadcastFlags.None, () => new ServerSideEmitMessage(_topic, Serialize(name, arguments), RequestId: null));

    public async Task<(List<EventArguments> Answers, int Missing)> ServerSideEmitWithAckAsync<TArguments>(
        string name, TArguments arguments, CancellationToken cancellationToken)
        where TArguments : struct, IArguments
    {
        if (IsAlone)
        {
            return ([], 0);
        }

        var payload = Serialize(name, arguments);
        var (answers, missing) = await AskAsync(
            id => new ServerSideEmitMessage(_topic, payload, id), DefaultTimeout, cancellationToken);
        return (answers.OfType<ServerSideAckMessage>().Select(answer => Arguments(answer.Payload, startsWithName: false)).ToList(), missing);
    }

    private async Task<(List<BackplaneMessage> Answers, int Missing)> AskAsync(
        Func<string, BackplaneMessage> question, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        var request = new ClusterRequest(await CountOthersAsync(cancellationToken));
        _requests[id] = request;
        try
        {
            await backplane.PublishAsync(question(id), cancellationToken);
            return await request.WaitAsync(timeout, owner.Server.Engine.Wheel, cancellationToken);
        }
        finally
        {
            _requests.TryRemove(id, out _);
        }
    }

    private ValueTask PublishAsync(BroadcastFlags flags, Func<BackplaneMessage> message) =>
        IsAlone || (flags & BroadcastFlags.Local) != 0
            ? ValueTask.CompletedTask
            : backplane.PublishAsync(message(), CancellationToken.None);

    private async ValueTask OnMessageAsync(BackplaneMessage message)
    {
        try
        {
            await HandleAsync(message);
        }
        catch (Exception exception)
        {
            logger.BackplaneMessageFailed(exception, message.Sender);
        }
    }

    private ValueTask HandleAsync(BackplaneMessage message)
    {
        switch (message)
        {
            case BroadcastMessage { RequestId: null } broadcast:
                owner.DeliverEvent(
                    broadcast.Payload, Target(broadcast.Selection),
                    (broadcast.IsVolatile ? BroadcastFlags.Volatile : BroadcastFlags.None) | BroadcastFlags.Local, broadcast.Position);
                break;
            case BroadcastMessage broadcast:
                return new RemoteBroadcastAcknowledgement(backplane, broadcast).RunAsync(owner, Target(broadcast.Selection));
            case BroadcastCountMessage count when _broadcasts.TryGetValue(count.RequestId, out var waiting):
                waiting.AddExpected(count.Count);
                break;
            case BroadcastAckMessage ack when _broadcasts.TryGetValue(ack.RequestId, out var waiting):
                waiting.Complete(Arguments(ack.Payload, startsWithName: false));
                break;
            case SocketsJoinMessage join:
                ForEach(join.Selection, socket => socket.Join([.. join.Rooms]));
                break;
            case SocketsLeaveMessage leave:
                ForEach(leave.Selection, socket => socket.Leave([.. leave.Rooms]));
                break;
            case DisconnectSocketsMessage disconnect:
                ForEach(disconnect.Selection, socket => socket.Disconnect(disconnect.Close));
                break;
            case FetchSocketsMessage fetch:
                var described = owner.Rooms.Select(Target(fetch.Selection)).Select(Describe).ToArray();
                return AnswerAsync(new SocketsMessage(_topic, fetch.RequestId, described), fetch.Sender);
            case SocketsMessage answer when _requests.TryGetValue(answer.RequestId, out var request):
                request.Add(answer);
                break;
            case ServerSideAckMessage answer when _requests.TryGetValue(answer.RequestId, out var request):
                request.Add(answer);
                break;
            case ServerSideEmitMessage emit:
                return OnServerSideEmitAsync(emit);
            default:
                return OnRecoveryMessage(message);
        }

        return ValueTask.CompletedTask;
    }

    // A node on which recovery is off says so, rather than let the other one wait.
    private ValueTask OnRecoveryMessage(BackplaneMessage message) => owner.ClusterRecovery?.TryHandle(message) == true ? ValueTask.CompletedTask
        : message switch
        {
            FetchRecoveryMessage fetch => AnswerAsync(new RecoveryUnknownMessage(_topic, fetch.RequestId), fetch.Asker),
            OfferHandOverMessage offer => AnswerAsync(new RecoveryUnknownMessage(_topic, offer.RequestId), offer.Sender),
            _ => ValueTask.CompletedTask,
        };

    private async ValueTask OnServerSideEmitAsync(ServerSideEmitMessage emit)
    {
        if (!_listeners.TryGetValue(Events.EventName.ToText(emit.Payload.Json.Span), out var listener))
        {
            return;
        }

        var answer = await listener(Arguments(emit.Payload, startsWithName: true));
        if (emit.RequestId is { } id && answer is not null)
        {
            var payload = new SocketPayload((byte[])[(byte)'[', .. answer, (byte)']'], []);
            await AnswerAsync(new ServerSideAckMessage(_topic, id, payload), emit.Sender);
        }
    }

    private ValueTask AnswerAsync(BackplaneMessage answer, string recipient) =>
        backplane.PublishAsync(answer with { Recipient = recipient }, CancellationToken.None);

    private void ForEach(SocketSelection selection, Action<Socket> action)
    {
        foreach (var socket in owner.Rooms.Select(Target(selection)))
        {
            action(socket);
        }
    }

    private RemoteSocket Describe(Socket socket) => new(
        socket.Id, owner.Rooms.RoomsOf(socket), socket.Handshake.Address?.ToString(), socket.Handshake.Auth,
        SocketData.ToJson(socket.Data, owner.Server.Serializer));

    private SocketPayload Serialize<TArguments>(string name, TArguments arguments)
        where TArguments : struct, IArguments
    {
        Namespace.CheckEventName(name);
        using var buffer = new PooledBuffer();
        var attachments = new List<ReadOnlyMemory<byte>>();
        owner.Server.Serializer.Write(buffer, name, arguments, attachments);
        return new SocketPayload(buffer.Written.ToArray(), BroadcastEncoding.Own(attachments));
    }

    private EventArguments Arguments(SocketPayload payload, bool startsWithName) =>
        new(payload.Json, startsWithName, payload.Attachments, owner.Server.Serializer);

    private static SocketSelection Select(BroadcastTarget target) => new(target.Rooms, target.Except);

    private static BroadcastTarget Target(SocketSelection selection) => new([.. selection.Rooms], [.. selection.Except]);
}
