using Starling.Server.Backplane;

namespace Starling.Server.Sockets.Recovery;

/// <summary>The last event of each origin that a log has seen. Not thread-safe.</summary>
internal sealed class OriginVector
{
    private readonly Dictionary<string, (long Sequence, DateTimeOffset At)> _last = new(StringComparer.Ordinal);

    /// <summary>The sequence of an origin's last event; 0 if none was seen.</summary>
    public long this[string origin] => _last.TryGetValue(origin, out var last) ? last.Sequence : 0;

    public void Advance(RecoveryPosition position, DateTimeOffset now)
    {
        if (position.Sequence > this[position.Origin])
        {
            _last[position.Origin] = (position.Sequence, now);
        }
    }

    /// <summary>The origins of which something may be here that is not settled by what somebody else has seen.</summary>
    public HashSet<string> NewerThan(IReadOnlyDictionary<string, long> seen, DateTimeOffset since)
    {
        var newer = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (origin, last) in _last)
        {
            if (seen.TryGetValue(origin, out var sequence) ? last.Sequence > sequence : last.At >= since)
            {
                newer.Add(origin);
            }
        }

        return newer;
    }

    public Dictionary<string, long> ToDictionary() =>
        _last.ToDictionary(static item => item.Key, static item => item.Value.Sequence, StringComparer.Ordinal);

    /// <summary>Forgets origins that have been silent for so long that no log holds anything of theirs.</summary>
    public void Prune(DateTimeOffset before)
    {
        foreach (var (origin, last) in _last)
        {
            if (last.At < before)
            {
                _last.Remove(origin);
            }
        }
    }
}
