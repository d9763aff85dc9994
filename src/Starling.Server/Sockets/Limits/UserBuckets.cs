using System.Collections.Concurrent;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets.Limits;

/// <summary>The buckets of users, which all sockets of one user share. A full one counts nothing and is forgotten. Thread-safe.</summary>
internal sealed class UserBuckets(RateLimit limit, TimeProvider time, TimerWheel wheel)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);
    private int _sweeping;

    /// <summary>How many users are known.</summary>
    public int Count => _buckets.Count;

    public LimitVerdict Take(string user, out TimeSpan retryAfter)
    {
        while (true)
        {
            var bucket = _buckets.GetOrAdd(user, static (_, owner) => owner.Create(), this);
            lock (bucket)
            {
                // Forgotten in between: what would be counted here would be lost.
                if (_buckets.TryGetValue(user, out var present) && present == bucket)
                {
                    var verdict = bucket.Take();
                    retryAfter = verdict == LimitVerdict.Admitted ? TimeSpan.Zero : bucket.RetryAfter;
                    return verdict;
                }
            }
        }
    }

    private TokenBucket Create()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) == 0)
        {
            wheel.Schedule(new WheelTimer(Sweep), SweepInterval);
        }

        return new TokenBucket(limit, time);
    }

    private void Sweep()
    {
        foreach (var (user, bucket) in _buckets)
        {
            lock (bucket)
            {
                if (bucket.IsFull())
                {
                    _buckets.TryRemove(new(user, bucket));
                }
            }
        }

        Volatile.Write(ref _sweeping, 0);
        if (!_buckets.IsEmpty && Interlocked.Exchange(ref _sweeping, 1) == 0)
        {
            wheel.Schedule(new WheelTimer(Sweep), SweepInterval);
        }
    }
}
