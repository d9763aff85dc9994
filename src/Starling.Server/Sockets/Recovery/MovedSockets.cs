namespace Starling.Server.Sockets.Recovery;

/// <summary>
/// Where sockets went that this node gave away a moment ago. A client may be at the next node before what it was given has reached the
/// last one; a question is then passed on along the way of the socket, and arrives behind it. Not thread-safe.
/// </summary>
internal sealed class MovedSockets(TimeProvider time)
{
    // As all nodes are asked, it is needed only as long as a message may be under way.
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (string Node, DateTimeOffset At)> _nodes = new(StringComparer.Ordinal);
    private readonly Queue<(string RecoveryId, DateTimeOffset At)> _byAge = new();

    public void Add(string recoveryId, string node)
    {
        var now = time.GetUtcNow();
        while (_byAge.TryPeek(out var oldest) && oldest.At < now - KeptFor)
        {
            _byAge.Dequeue();
            if (_nodes.TryGetValue(oldest.RecoveryId, out var moved) && moved.At == oldest.At)
            {
                _nodes.Remove(oldest.RecoveryId);
            }
        }

        _nodes[recoveryId] = (node, now);
        _byAge.Enqueue((recoveryId, now));
    }

    public void Remove(string recoveryId) => _nodes.Remove(recoveryId);

    public string? Find(string recoveryId) => _nodes.TryGetValue(recoveryId, out var moved) ? moved.Node : null;
}
