namespace Starling.Messaging.Calls;

/// <summary>The calls of one connection that wait for their answers. Thread-safe. Owner: the connection.</summary>
internal sealed class PendingCallTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, PendingCall> _calls = [];
    private Exception? _closed;
    private long _lastId;

    public int Count => _calls.Count;

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
        }
    }

    /// <summary>Takes a call out; whoever gets it completes it.</summary>
    public PendingCall? Take(long id)
    {
        lock (_gate)
        {
            return _calls.Remove(id, out var call) ? call : null;
        }
    }

    /// <summary>Takes out the calls whose time is over.</summary>
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

            overdue.ForEach(call => _calls.Remove(call.Id));
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
            return all;
        }
    }
}
