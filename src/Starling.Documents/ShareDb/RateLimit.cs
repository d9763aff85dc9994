namespace Starling.Documents.ShareDb;

/// <summary>
/// A bucket of tokens that fills at a steady rate and holds those of two seconds. A client that takes more than there are has to wait, so that
/// a busy client is slowed down and nothing of it is lost. Thread-safe.
/// </summary>
internal sealed class RateLimit(int perSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _tokens = 2.0 * perSecond;
    private long _last = time.GetTimestamp();

    /// <summary>Takes tokens and returns how long to wait before using them.</summary>
    public TimeSpan Take(double tokens = 1)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(2.0 * perSecond, _tokens + (time.GetElapsedTime(_last, now).TotalSeconds * perSecond)) - tokens;
            _last = now;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
        }
    }
}
