namespace Starling.Messaging.Calls;

/// <summary>The calls of one connection that wait for their answers. Thread-safe. Owner: the connection.</summary>
/// <param name="maxLate">How many calls that were given up are remembered: as many streams and sequences as the peer may hold open for us.</param>
internal sealed class PendingCallTable(int maxLate)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, PendingCall> _calls = [];
    private readonly Dictionary<long, PendingCall> _late = [];
    private Exception? _closed;
    private long _lastId;
    private int _count;

    /// <summary>How many calls of the application wait; those of the protocol itself do not count.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Gives the call its id and keeps it.</summary>
    /// <exception cref="ConnectionLostException">The connection has ended.</exception>
    public void Add(PendingCall call)
    {
        lock (_gate)
        {
            if (_closed is not null)
            {
                throw new ConnectionLostException(_closed.Message, _closed);
            }

            call.Id = ++_lastId;
            _calls.Add(call.Id, call);
            _count += call.HasPlace ? 1 : 0;
        }
    }

    /// <summary>Takes a call out; whoever gets it completes it.</summary>
    public PendingCall? Take(long id)
    {
        lock (_gate)
        {
            return Remove(id);
        }
    }

    /// <summary>Takes out a call that is not waited for any more. What its answer opens at the peer, if one comes, has to be closed.</summary>
    public PendingCall? GiveUp(long id)
    {
        lock (_gate)
        {
            var call = Remove(id);
            Remember(call);
            return call;
        }
    }

    /// <summary>Takes out a call that was given up and is answered now.</summary>
    public PendingCall? TakeLate(long id)
    {
        lock (_gate)
        {
            return _late.Remove(id, out var call) ? call : null;
        }
    }

    /// <summary>Gives all calls more time.</summary>
    public void Postpone(long ticks)
    {
        lock (_gate)
        {
            foreach (var call in _calls.Values)
            {
                call.Deadline = call.Deadline > long.MaxValue - ticks ? long.MaxValue : call.Deadline + ticks;
            }
        }
    }

    /// <summary>Takes out the calls whose time is over, as <see cref="GiveUp"/> does.</summary>
    public List<PendingCall> TakeOverdue(long now)
    {
        List<PendingCall> overdue = [];
        lock (_gate)
        {
            foreach (var call in _calls.Values)
            {
                if (call.Deadline <= now)
                {
                    overdue.Add(call);
                }
            }

            foreach (var call in overdue)
            {
                Remove(call.Id);
                Remember(call);
            }
        }

        return overdue;
    }

    /// <summary>Takes all calls out; later ones fail.</summary>
    public List<PendingCall> Close(Exception reason)
    {
        lock (_gate)
        {
            _closed ??= reason;
            List<PendingCall> all = [.. _calls.Values];
            _calls.Clear();
            _late.Clear();
            _count = 0;
            return all;
        }
    }

    private PendingCall? Remove(long id)
    {
        if (!_calls.Remove(id, out var call))
        {
            return null;
        }

        _count -= call.HasPlace ? 1 : 0;
        return call;
    }

    private void Remember(PendingCall? call)
    {
        if (call is { MayOpenAtPeer: true } && _late.Count < maxLate && _closed is null)
        {
            _late.Add(call.Id, call);
        }
    }
}
