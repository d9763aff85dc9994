using Starling.Server.Backplane;
using Starling.Server.Rooms;
using Starling.Server.Sessions;
using Starling.Server.Sockets.Cluster;
using Starling.Server.Sockets.Events;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets;

/// <summary>
/// One broadcast that wants acknowledgements: sends it with one id to all sockets, learns how many sockets other nodes have sent it to,
/// and collects answers until all have come or the time is up.
/// </summary>
internal sealed class BroadcastAcknowledgement(Namespace owner, ClusterLink cluster, TimerWheel wheel) : IAcknowledgement
{
    private readonly Lock _gate = new();
    private readonly List<EventArguments> _answers = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _expected;
    private int _lost;
    private int _nodesUnheard;

    public async Task<(List<EventArguments> Answers, int Missing)> RunAsync<TArguments>(
        string name, TArguments arguments, BroadcastTarget target, BroadcastFlags flags, TimeSpan? timeout, CancellationToken cancellationToken)
        where TArguments : struct, IArguments
    {
        using var payload = new Starling.Protocol.Buffers.PooledBuffer();
        var attachments = new List<ReadOnlyMemory<byte>>();
        owner.Server.Serializer.Write(payload, name, arguments, attachments);
        var packet = new SocketPayload(payload.Written.ToArray(), BroadcastEncoding.Own(attachments));
        var isLocal = cluster.IsAlone || (flags & BroadcastFlags.Local) != 0;
        _nodesUnheard = 1 + (isLocal ? 0 : await cluster.CountOthersAsync(cancellationToken));
        var requestId = isLocal ? null : cluster.Expect(this);
        var timer = new WheelTimer(() => _done.TrySetResult());
        try
        {
            AddExpected(Deliver(owner, packet, target, flags, this));
            if (requestId is not null)
            {
                await cluster.BroadcastAsync(packet, target, flags, requestId, position: null, cancellationToken);
            }

            if (timeout is { } limit)
            {
                wheel.Schedule(timer, limit);
            }

            await _done.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            wheel.Cancel(timer);
            cluster.Forget(requestId);
        }

        lock (_gate)
        {
            return ([.. _answers], Math.Max(0, _expected - _answers.Count));
        }
    }

    /// <summary>Sends an event that wants acknowledgements to sockets of this node.</summary>
    /// <returns>How many acknowledgements are owed for it.</returns>
    public static int Deliver(Namespace owner, SocketPayload packet, BroadcastTarget target, BroadcastFlags flags, IAcknowledgement waiting)
    {
        var ackId = owner.NextAckId();
        var message = MessagePool.Rent();
        try
        {
            owner.Encode(message, packet.Json.Span, packet.Attachments, ackId);
            var count = 0;
            foreach (var socket in owner.Rooms.Select(target))
            {
                socket.Acknowledgements.Add(ackId, waiting);
                if (socket.Deliver(message, (flags & BroadcastFlags.Volatile) != 0) || !socket.Acknowledgements.TryTake(ackId, out _))
                {
                    // One that has left in the middle of it counts as well: its acknowledgement was cancelled.
                    count++;
                }

                if (socket.HearsOutgoing)
                {
                    socket.NotifyOutgoing(EventName.ToText(packet.Json.Span));
                }
            }

            return count;
        }
        finally
        {
            MessagePool.Return(message);
        }
    }

    public void Complete(EventArguments answer)
    {
        lock (_gate)
        {
            _answers.Add(answer);
        }

        CompleteIfAllCame();
    }

    /// <summary>A socket left without answering; with a time-out that shows in the result, without one nobody would wait for it.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            _lost++;
        }

        CompleteIfAllCame();
    }

    /// <summary>Adds the sockets that a node, this one or another, has sent the event to. Until all have said so, more answers may come.</summary>
    public void AddExpected(int count)
    {
        lock (_gate)
        {
            _expected += count;
            _nodesUnheard--;
        }

        CompleteIfAllCame();
    }

    private void CompleteIfAllCame()
    {
        lock (_gate)
        {
            if (_nodesUnheard > 0 || _answers.Count + _lost < _expected)
            {
                return;
            }
        }

        _done.TrySetResult();
    }
}
