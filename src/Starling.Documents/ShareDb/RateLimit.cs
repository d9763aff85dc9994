namespace Starling.Documents.ShareDb;

/// <summary>
/// A bucket of tokens that fills at a steady rate and holds those of two seconds. Who takes more than there are has to wait, so that a
/// busy client is slowed down and nothing of it is lost.
/// </summary>
/// <remarks>Owner: one connection's read loop; not thread-safe.</remarks>
internal sealed class RateLimit(int perSecond, TimeProvider time)
{
    private double _tokens = 2.0 * perSecond;
    private long _last = time.GetTimestamp();

    /// <summary>Takes a token and says how long to wait before using it.</summary>
    public TimeSpan Take()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(2.0 * perSecond, _tokens + (time.GetElapsedTime(_last, now).TotalSeconds * perSecond)) - 1;
        _last = now;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
    }
}
