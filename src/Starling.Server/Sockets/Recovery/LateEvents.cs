using Starling.Server.Backplane;
using Starling.Server.Rooms;

namespace Starling.Server.Sockets.Recovery;

/// <summary>
/// Events that the node from which a client came has seen already and this one not yet. What the client gets of them was settled there, so
/// that they must pass it by when they arrive here. Not thread-safe.
/// </summary>
internal sealed class LateEvents
{
    private readonly Dictionary<string, List<Entry>> _byOrigin = new(StringComparer.Ordinal);

    /// <summary>Leaves a socket out of all events of an origin up to a sequence.</summary>
    public void Add(string socketId, RecoveryPosition upTo, DateTimeOffset expiresAt)
    {
        if (!_byOrigin.TryGetValue(upTo.Origin, out var entries))
        {
            _byOrigin[upTo.Origin] = entries = [];
        }

        entries.Add(new Entry(socketId, upTo.Sequence, expiresAt));
    }

    /// <summary>The target of an event without those who are not to get it.</summary>
    public BroadcastTarget Apply(BroadcastTarget target, RecoveryPosition? position)
    {
        if (_byOrigin.Count == 0 || position is not { } at || !_byOrigin.TryGetValue(at.Origin, out var entries))
        {
            return target;
        }

        var settled = entries.FindAll(entry => entry.Sequence >= at.Sequence).ConvertAll(static entry => entry.SocketId);
        if (entries.RemoveAll(entry => entry.Sequence <= at.Sequence) > 0 && entries.Count == 0)
        {
            _byOrigin.Remove(at.Origin);
        }

        return settled.Count == 0 ? target : target.WithExcept([.. settled]);
    }

    /// <summary>Raises a vector to what is settled for a socket.</summary>
    public void Raise(Dictionary<string, long> seen, string socketId)
    {
        foreach (var (origin, entries) in _byOrigin)
        {
            foreach (var entry in entries)
            {
                if (entry.SocketId == socketId && entry.Sequence > seen.GetValueOrDefault(origin))
                {
                    seen[origin] = entry.Sequence;
                }
            }
        }
    }

    /// <summary>Forgets what has not come in all the time; its origin is gone.</summary>
    public void Prune(DateTimeOffset now)
    {
        foreach (var (origin, entries) in _byOrigin)
        {
            if (entries.RemoveAll(entry => entry.ExpiresAt < now) > 0 && entries.Count == 0)
            {
                _byOrigin.Remove(origin);
            }
        }
    }

    private readonly record struct Entry(string SocketId, long Sequence, DateTimeOffset ExpiresAt);
}
