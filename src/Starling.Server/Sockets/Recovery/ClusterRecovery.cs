using System.Collections.Concurrent;
using Starling.Server.Backplane;
using Starling.Server.Diagnostics;
using Starling.Server.Sessions;
using Starling.Server.Sockets.Cluster;

namespace Starling.Server.Sockets.Recovery;

/// <summary>
/// Recovery across nodes: fetches the socket of a client that was lost elsewhere, and gives away that of one that has come back elsewhere.
/// At any time one node has the socket, or it is under way to one.
/// </summary>
/// <remarks>Owner: its namespace. Thread-safe. What changes who has a socket happens under the log's <see cref="RecoveryLog.Order"/>.</remarks>
internal sealed class ClusterRecovery
{
    /// <summary>How long a client that comes back waits for the nodes to say whether they have its socket.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private const int MaxHops = 16;
    private const int MaxAttempts = 10;
    private const int MaxIdLength = 512;

    private readonly Namespace _owner;
    private readonly RecoveryLog _log;
    private readonly IBackplane _backplane;
    private readonly ConcurrentDictionary<string, ClusterRequest> _requests = new(StringComparer.Ordinal);
    private readonly MovedSockets _moved;
    private readonly InheritedLogs _inherited;
    private readonly IncomingTransfers _transfers;
    private readonly RecoveryEncoding _encoding;
    private readonly HandOver _handOver;

    public ClusterRecovery(Namespace owner, RecoveryLog log, ConnectionStateRecoveryOptions options)
    {
        var server = owner.Server;
        _owner = owner;
        _log = log;
        _backplane = server.Backplane;
        _moved = new MovedSockets(server.Time);
        _inherited = new InheritedLogs(options.MaxStoredBytes);
        _transfers = new IncomingTransfers(options.MaxStoredBytes, server.Time);
        _encoding = new RecoveryEncoding(
            server.Serializer, server.Time, (name, exception) => server.Logger.SocketDataNotMoved(exception, name));
        _handOver = new HandOver(owner, log, _inherited, _moved, _encoding, _requests);
    }

    /// <summary>Sees to it that a lost socket is in this node's log. True if it was there, however soon somebody else may take it.</summary>
    public async Task<bool> BringAsync(string recoveryId, string? offset)
    {
        if (recoveryId.Length > MaxIdLength || offset?.Length > MaxIdLength)
        {
            return false;
        }

        var isHere = false;
        await FreeAsync(recoveryId, offset, () => isHere = IsHere(recoveryId, offset));

        // Looked for once more when nobody has it, or nobody is left: a node that stopped in between handed it over here before it left.
        return isHere || (!_backplane.IsAlone && await AskAsync(recoveryId, offset)) || IsHere(recoveryId, offset);
    }

    /// <summary>Gives what is left to another node, before this one ends.</summary>
    public Task HandOverAsync(CancellationToken cancellationToken) => _handOver.RunAsync(cancellationToken);

    /// <summary>Handles a message of another node; false if it has nothing to do with recovery.</summary>
    public bool TryHandle(BackplaneMessage message)
    {
        switch (message)
        {
            case FetchRecoveryMessage fetch:
                _ = AnswerAsync(fetch);
                return true;
            case RecoveryUnknownMessage answer:
                Find(answer.RequestId)?.Add(answer);
                return true;
            case RecoveryFoundMessage found:
                OnFound(found);
                return true;
            case RecoveryPacketsMessage packets:
                _transfers.Add(packets);
                return true;
            case RecoverySessionsMessage sessions:
                _transfers.Add(sessions);
                return true;
            case HandOverMessage handOver:
                OnHandOver(handOver);
                return true;
            case OfferHandOverMessage offer:
                _handOver.Answer(offer);
                return true;
            case AcceptHandOverMessage accept:
                Find(accept.RequestId)?.Complete(accept);
                return true;
            case HandOverDoneMessage done:
                Find(done.TransferId)?.Complete(done);
                return true;
            default:
                return false;
        }
    }

    private ClusterRequest? Find(string requestId) => _requests.GetValueOrDefault(requestId);

    private bool IsHere(string recoveryId, string? offset)
    {
        lock (_log.Order)
        {
            if (!_log.Knows(recoveryId) && _inherited.Release(recoveryId, offset) is { } released)
            {
                _log.Adopt(released);
            }

            return _log.Knows(recoveryId);
        }
    }

    private async Task<bool> AskAsync(string recoveryId, string? offset)
    {
        var topic = _owner.Topic;
        var id = Guid.NewGuid().ToString("N");
        try
        {
            var others = await _backplane.CountOthersAsync(topic, CancellationToken.None);
            if (others == 0)
            {
                return false;
            }

            var request = _requests[id] = new ClusterRequest(others);
            var question = new FetchRecoveryMessage(topic, id, recoveryId, offset, _backplane.NodeId, Hops: 0);
            await _backplane.PublishAsync(question, CancellationToken.None);
            var (answers, _) = await request.WaitAsync(Limit, _owner.Server.Engine.Wheel, CancellationToken.None);
            return answers.Exists(static answer => answer is RecoveryFoundMessage or FetchRecoveryMessage);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            _owner.Server.Logger.RecoveryNotAsked(exception, _owner.Name);
            return false;
        }
        finally
        {
            _requests.TryRemove(id, out _);
        }
    }

    private async Task AnswerAsync(FetchRecoveryMessage fetch)
    {
        if (fetch.Asker == _backplane.NodeId)
        {
            // The socket has come to this node in the meantime; whoever asked for it looks again.
            Find(fetch.RequestId)?.Complete(fetch);
            return;
        }

        try
        {
            List<Task> sending = [];
            await FreeAsync(fetch.RecoveryId, fetch.Offset, () => Answer(
                fetch, message => sending.Add(_backplane.PublishAsync(message, CancellationToken.None).AsTask())));
            await Task.WhenAll(sending);
        }
        catch (Exception exception)
        {
            _owner.Server.Logger.BackplaneMessageFailed(exception, fetch.Sender);
        }
    }

    // Under the lock, so that a question that is passed on comes behind the socket that it asks for.
    private void Answer(FetchRecoveryMessage fetch, Action<BackplaneMessage> send)
    {
        // By way of the own log, which has what was sent since then; the asker may be younger than that.
        if (_inherited.Release(fetch.RecoveryId, fetch.Offset) is { } inherited)
        {
            _log.Adopt(inherited);
        }

        if (_log.Release(fetch.RecoveryId, fetch.Offset) is { } released)
        {
            _moved.Add(fetch.RecoveryId, fetch.Asker);
            Send(released, fetch, send);
        }
        else if (_moved.Find(fetch.RecoveryId) is { } node && fetch.Hops < MaxHops)
        {
            send(fetch with { Recipient = node, Hops = fetch.Hops + 1 });
        }
        else
        {
            send(new RecoveryUnknownMessage(_owner.Topic, fetch.RequestId) { Recipient = fetch.Asker });
        }
    }

    private void Send(ReleasedSocket released, FetchRecoveryMessage fetch, Action<BackplaneMessage> send)
    {
        var session = _encoding.Encode(released);
        IReadOnlyList<RecoveryPacket>? last = null;
        foreach (var chunk in RecoveryEncoding.Chunk(session.Packets))
        {
            if (last is not null)
            {
                send(new RecoveryPacketsMessage(_owner.Topic, fetch.RequestId, last) { Recipient = fetch.Asker });
            }

            last = chunk;
        }

        send(new RecoveryFoundMessage(_owner.Topic, fetch.RequestId, session with { Packets = last! }) { Recipient = fetch.Asker });
    }

    // Also when nobody waits any more: the socket is here now, and its client may ask again.
    private void OnFound(RecoveryFoundMessage found)
    {
        if (_transfers.Take(found.RequestId) is { } before)
        {
            var released = _encoding.Decode(found.Session, before.Packets.Concat(found.Session.Packets));
            lock (_log.Order)
            {
                _moved.Remove(found.Session.RecoveryId);
                _log.Adopt(released);
            }
        }

        Find(found.RequestId)?.Complete(found);
    }

    private void OnHandOver(HandOverMessage message)
    {
        if (_transfers.Take(message.TransferId) is not { } parts)
        {
            return;
        }

        var server = _owner.Server;
        var handed = _encoding.Decode(message, parts.Packets, parts.Sessions);
        var log = RecoveryLog.Inherit(handed, server.Options.ConnectionStateRecovery!, server.Options.Heartbeat, server.Time);
        lock (_log.Order)
        {
            foreach (var session in parts.Sessions)
            {
                _moved.Remove(session.RecoveryId);
            }

            _inherited.Add(log);
        }

        server.Logger.RecoveryInherited(message.Sender, _owner.Name, parts.Sessions.Count, log.Bytes);
        _handOver.Confirm(message);
    }

    /// <summary>Closes the connection that has a socket, if one does, and then acts under the lock.</summary>
    private async Task FreeAsync(string recoveryId, string? offset, Action action)
    {
        for (var attempt = 1; ; attempt++)
        {
            var stuck = await CloseOldAsync(recoveryId, offset);
            lock (_log.Order)
            {
                // Not in the middle of a hand-over: a question would be at the heir before the socket. And not when another connection
                // of the same client has got the socket just now: it would be found neither there nor here.
                if (_handOver.Sent.IsCompleted && (attempt >= MaxAttempts || FindOld(recoveryId, offset) == stuck))
                {
                    action();
                    return;
                }
            }

            await _handOver.Sent;
        }
    }

    // A client that has changed its network is back before its old connection is found to be dead. Returns the socket if the application's
    // handlers hold it up.
    private async Task<Socket?> CloseOldAsync(string recoveryId, string? offset)
    {
        if (FindOld(recoveryId, offset) is not { } socket)
        {
            return null;
        }

        if (socket.Connected)
        {
            // Not on the thread that handles the messages of other nodes: the application's handlers run on it.
            await Task.Yield();
            await socket.Session.CloseAfterHandlingAsync(DisconnectReason.TransportClose);
        }

        var left = socket.Ticket!.Left;
        await left.WaitAsync(Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return left.IsCompleted ? null : socket;
    }

    /// <summary>The socket if a connection of this node has it, and it could be recovered.</summary>
    private Socket? FindOld(string recoveryId, string? offset) =>
        _owner.Rooms.Find(RecoveryTicket.SocketIdOf(recoveryId)) is { Ticket: { } ticket } socket && ticket.Id == recoveryId
        && (!socket.Connected || _log.CanRecover(ticket, offset))
            ? socket : null;
}
