using System.Buffers.Text;
using System.Security.Cryptography;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Starling.Apps.Questions;

/// <summary>Knows returning visitors by a cookie that nobody can guess, and how much each may contribute.</summary>
internal sealed class Visitors : IAsyncDisposable
{
    private const string CookieName = "starling-visitor";
    private const int IdBytes = 18;
    private const int Burst = 10;

    private static readonly TimeSpan CookieAge = TimeSpan.FromDays(365);
    private static readonly TimeSpan Replenishment = TimeSpan.FromSeconds(2);

    private readonly PartitionedRateLimiter<string> _limits = PartitionedRateLimiter.Create<string, string>(visitor =>
        RateLimitPartition.GetTokenBucketLimiter(visitor, static _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = Replenishment,
            QueueLimit = 0,
        }));

    /// <summary>The visitor's id; a new one gets its cookie.</summary>
    public static string Identify(HttpContext context)
    {
        if (context.Request.Cookies.TryGetValue(CookieName, out var known) && known.Length == Base64Url.GetEncodedLength(IdBytes) && Base64Url.IsValid(known))
        {
            return known;
        }

        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        context.Response.Cookies.Append(CookieName, id, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            MaxAge = CookieAge,
            IsEssential = true,
        });
        return id;
    }

    /// <summary>Whether a visitor may contribute now.</summary>
    public bool MayContribute(string visitor)
    {
        using var lease = _limits.AttemptAcquire(visitor);
        return lease.IsAcquired;
    }

    public ValueTask DisposeAsync() => _limits.DisposeAsync();
}
