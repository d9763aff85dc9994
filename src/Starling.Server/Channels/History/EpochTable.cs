namespace Starling.Server.Channels.History;

/// <summary>
/// How far each epoch has come. Epochs that ended and of which nothing is kept are retired: positions do not name them any more, so that
/// positions stay short however often nodes restart.
/// </summary>
/// <remarks>Guarded by the lock of the whole history.</remarks>
internal sealed class EpochTable
{
    private const int MaxEpochs = 128;
    private const int MaxRetired = 64;

    private readonly Dictionary<string, DateTimeOffset> _lastTimes = new(StringComparer.Ordinal);
    private readonly List<RetiredEpoch> _retired = [];

    // This node's own and its earlier ones: of these no client can have more than this node.
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);

    /// <summary>The position of a client that has had everything.</summary>
    public Cursor Current { get; private set; } = Cursor.Start;

    /// <summary>Whether there are more than positions should name.</summary>
    public bool IsFull => Current.Positions.Length > MaxEpochs;

    /// <summary>Names an epoch of this node.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="hasEnded">Whether it is one of an earlier process. The present one is never retired.</param>
    public void AddOwn(string epoch, bool hasEnded) => (hasEnded ? _ended : _own).Add(epoch);

    /// <summary>Notes the last publication of an epoch.</summary>
    /// <returns>Whether the epoch is a new one.</returns>
    public bool Move(string epoch, long offset, DateTimeOffset time)
    {
        var isNew = Current.OffsetOf(epoch) == 0;
        if (isNew)
        {
            // It was retired while its node was quiet.
            _retired.RemoveAll(retired => retired.Epoch == epoch);
        }

        Current = Current.With(epoch, offset);
        _lastTimes[epoch] = time;
        return isNew;
    }

    /// <summary>The epoch whose last publication is the oldest, among some that may be retired.</summary>
    public string? Oldest(Func<string, DateTimeOffset, bool> predicate) => _lastTimes
        .Where(epoch => !_own.Contains(epoch.Key) && predicate(epoch.Key, epoch.Value)).OrderBy(static epoch => epoch.Value).Select(static epoch => epoch.Key).FirstOrDefault();

    /// <summary>Takes an epoch out of positions.</summary>
    /// <param name="epoch">The epoch; nothing of it is kept.</param>
    /// <param name="lost">Gets the positions before which nothing is known any more.</param>
    public void Retire(string epoch, OffsetTable lost)
    {
        var offset = Current.OffsetOf(epoch);
        Current = Current.Without(epoch);
        _lastTimes.Remove(epoch);
        _ended.Remove(epoch);
        for (var i = 0; i < _retired.Count; i++)
        {
            _retired[i] = _retired[i] with { Fence = _retired[i].Fence.Without(epoch) };
        }

        if (!Publication.IsEventEpoch(epoch))
        {
            _retired.Add(new RetiredEpoch(epoch, offset, Current));
        }

        if (_retired.Count > MaxRetired)
        {
            foreach (var (name, end) in _retired[0].Fence.Positions)
            {
                lost.Advance(name, end);
            }

            _retired.RemoveAt(0);
        }
    }

    /// <summary>
    /// Whether a cursor names no epoch that is unknown, and none of this node's beyond its end. Unknown ones of events do not count, since
    /// they end with their node.
    /// </summary>
    public bool KnowsAll(Cursor cursor)
    {
        foreach (var (epoch, offset) in cursor.Positions)
        {
            if (!IsKnown(epoch) || (IsOwn(epoch) && offset > Current.OffsetOf(epoch)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The part of a cursor that says something here.</summary>
    public Cursor Known(Cursor cursor)
    {
        var known = Cursor.Start;
        foreach (var (epoch, offset) in cursor.Positions)
        {
            if (Current.OffsetOf(epoch) is > 0 and var end)
            {
                known = known.With(epoch, IsOwn(epoch) ? Math.Min(offset, end) : offset);
            }
        }

        return known;
    }

    /// <summary>Whether a cursor lies before the end of a retired epoch.</summary>
    public bool IsBeforeRetired(Cursor cursor)
    {
        foreach (var (epoch, offset, fence) in _retired)
        {
            // A cursor without the epoch is from before its first publication, or from after it was retired.
            if (cursor.OffsetOf(epoch) is > 0 and var reached ? reached < offset : !cursor.Covers(fence))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOwn(string epoch) => _own.Contains(epoch) || _ended.Contains(epoch);

    private bool IsKnown(string epoch) =>
        Current.OffsetOf(epoch) > 0 || Publication.IsEventEpoch(epoch) || _retired.Exists(retired => retired.Epoch == epoch);

    private sealed record RetiredEpoch(string Epoch, long Offset, Cursor Fence);
}
