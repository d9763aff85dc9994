using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Starling.Apps.Questions;

/// <summary>
/// Knows returning visitors by a cookie that nobody can guess, and how much each may contribute. The board knows them by an id that is made from
/// the cookie, and from which the cookie cannot be found.
/// </summary>
internal sealed class Visitors : IAsyncDisposable
{
    private const string CookieName = "starling-visitor";
    private const int IdBytes = 18;
    private const int Burst = 10;
    private const int BurstPerAddress = 100;
    private const int PerAddressAndPeriod = 10;
    private const int NetworkBytes = 8;

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

    // Visitors of one address share these: it is the limit of those who send no cookie. A company behind one address stays below it.
    private readonly PartitionedRateLimiter<IPAddress> _addresses = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
        RateLimitPartition.GetTokenBucketLimiter(address, static _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = BurstPerAddress,
            TokensPerPeriod = PerAddressAndPeriod,
            ReplenishmentPeriod = Replenishment,
            QueueLimit = 0,
        }));

    /// <summary>The id of the one who has a cookie.</summary>
    public static string IdOf(string cookie) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes("questions " + cookie)).AsSpan(0, IdBytes));

    /// <summary>The id of a visitor who has been here before, or null.</summary>
    public static string? Find(HttpContext context) =>
        context.Request.Cookies.TryGetValue(CookieName, out var known) && known.Length == Base64Url.GetEncodedLength(IdBytes) && Base64Url.IsValid(known)
            ? IdOf(known)
            : null;

    /// <summary>The visitor's id; a new one gets its cookie.</summary>
    public static string Identify(HttpContext context)
    {
        if (Find(context) is { } known)
        {
            return known;
        }

        var cookie = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        context.Response.Cookies.Append(CookieName, cookie, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            MaxAge = CookieAge,
            IsEssential = true,
        });
        return IdOf(cookie);
    }

    /// <summary>Whether a visitor, and its address, may contribute now.</summary>
    public bool MayContribute(HttpContext context, string visitor)
    {
        using var byAddress = _addresses.AttemptAcquire(Network(context.Connection.RemoteIpAddress));
        if (!byAddress.IsAcquired)
        {
            return false;
        }

        using var byVisitor = _limits.AttemptAcquire(visitor);
        return byVisitor.IsAcquired;
    }

    public async ValueTask DisposeAsync()
    {
        await _limits.DisposeAsync();
        await _addresses.DisposeAsync();
    }

    // Of IPv6 one has a whole network of addresses.
    private static IPAddress Network(IPAddress? address)
    {
        if (address is null || address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address?.MapToIPv4() ?? IPAddress.None;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }
}
