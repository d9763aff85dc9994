namespace Starling.Server.Sockets.Limits;

/// <summary>
/// Counts events against a <see cref="RateLimit"/>. The clock is read only when the bucket is empty, so that an event within the limit
/// costs a subtraction. Not thread-safe.
/// </summary>
internal sealed class TokenBucket(RateLimit limit, TimeProvider time)
{
    private double _tokens = limit.Burst;
    private long _refilledAt = time.GetTimestamp();

    public RateLimit Limit => limit;

    /// <summary>When an event would be admitted again; zero or less if one would be now.</summary>
    public TimeSpan RetryAfter => TimeSpan.FromSeconds((1 - _tokens) / limit.PerSecond);

    public LimitVerdict Take()
    {
        if (--_tokens >= 0)
        {
            return LimitVerdict.Admitted;
        }

        Refill();
        return _tokens >= 0 ? LimitVerdict.Admitted
            : _tokens >= -limit.Burst ? LimitVerdict.Refused
            : LimitVerdict.Exceeded;
    }

    /// <summary>Whether it counts nothing that matters any more.</summary>
    public bool IsFull()
    {
        Refill();
        return _tokens >= limit.Burst;
    }

    private void Refill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(limit.Burst, _tokens + (time.GetElapsedTime(_refilledAt, now).TotalSeconds * limit.PerSecond));
        _refilledAt = now;
    }
}
