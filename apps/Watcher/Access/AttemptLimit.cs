using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Starling.Apps.Watcher.Access;

/// <summary>How often somebody may try a password: five times at once, then every ten seconds, from each address; and so often in all, wherever from.</summary>
internal sealed class AttemptLimit : IAsyncDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limits = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<HttpContext, IPAddress>(context =>
            RateLimitPartition.GetTokenBucketLimiter(context.Connection.RemoteIpAddress ?? IPAddress.None, static _ => Bucket(5, TimeSpan.FromSeconds(10)))),
        PartitionedRateLimiter.Create<HttpContext, int>(static _ => RateLimitPartition.GetTokenBucketLimiter(0, static _ => Bucket(50, TimeSpan.FromSeconds(1)))));

    public bool MayTry(HttpContext context)
    {
        using var lease = _limits.AttemptAcquire(context);
        return lease.IsAcquired;
    }

    public ValueTask DisposeAsync() => _limits.DisposeAsync();

    private static TokenBucketRateLimiterOptions Bucket(int burst, TimeSpan period) =>
        new() { TokenLimit = burst, TokensPerPeriod = 1, ReplenishmentPeriod = period, QueueLimit = 0 };
}
