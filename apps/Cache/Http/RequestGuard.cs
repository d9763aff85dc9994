using System.Net;
using Microsoft.AspNetCore.Http;

namespace Starling.Apps.Cache.Http;

/// <summary>
/// Keeps pages of other origins out, which a browser on this machine may show: by the name in the address (a name of theirs that leads here)
/// and by where the request comes from.
/// </summary>
internal sealed class RequestGuard(IReadOnlyList<string> hosts)
{
    /// <summary>What is wrong with a request, or null.</summary>
    public string? Check(HttpRequest request)
    {
        var host = request.Host.Host.Trim('[', ']');
        if (!IPAddress.TryParse(host, out _) && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            return $"This cache is not known as {host}; ask for an address, or name the host with --http-host.";
        }

        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            return "Pages of other origins may not use this cache.";
        }

        return request.Headers.Origin.ToString() is { Length: > 0 } origin
            && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            ? $"Pages of {origin} may not use this cache."
            : null;
    }
}
