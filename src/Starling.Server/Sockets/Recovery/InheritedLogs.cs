namespace Starling.Server.Sockets.Recovery;

/// <summary>The logs of nodes that have stopped, for which this node answers until their clients have come back or are given up. Thread-safe.</summary>
internal sealed class InheritedLogs(long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly List<RecoveryLog> _logs = [];

    public void Add(RecoveryLog log)
    {
        lock (_gate)
        {
            _logs.RemoveAll(static item => !item.HasLost);
            _logs.Add(log);
            var bytes = _logs.Sum(static item => item.Bytes);
            foreach (var item in _logs)
            {
                var excess = bytes - maxBytes;
                if (excess <= 0)
                {
                    break;
                }

                var before = item.Bytes;
                item.TrimTo(Math.Max(0, before - excess));
                bytes -= before - item.Bytes;
            }
        }
    }

    /// <summary>Gives a lost socket away; null when no log has it, or has no longer all that its client missed.</summary>
    public ReleasedSocket? Release(string recoveryId, string? offset)
    {
        lock (_gate)
        {
            return _logs.Find(log => log.Knows(recoveryId))?.Release(recoveryId, offset);
        }
    }

    /// <summary>Takes all out, for the next heir.</summary>
    public RecoveryLog[] TakeAll()
    {
        lock (_gate)
        {
            RecoveryLog[] all = [.. _logs.Where(static log => log.HasLost)];
            _logs.Clear();
            return all;
        }
    }
}
