using System.Net;
using Microsoft.AspNetCore.Http;

namespace Starling.Server.Hosting;

/// <summary>
/// Keeps pages of other origins, which a browser on this machine may show, away from a server that is for this machine: by the host in the
/// address, which may be a name of theirs that leads here (DNS rebinding), and by the origin of the request. Thread-safe.
/// </summary>
/// <param name="options">What is allowed.</param>
public sealed class OriginGuard(OriginGuardOptions options)
{
    private const string Any = "*";

    /// <summary>Checks a request.</summary>
    /// <param name="request">The request.</param>
    /// <returns>What is wrong with it, for people; null if nothing is.</returns>
    public string? Check(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var host = request.Host.Host.Trim('[', ']');
        if (!IPAddress.TryParse(host, out _) && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !options.AllowedHosts.Contains(Any) && !IsNamed(host))
        {
            return $"This server does not answer for the host '{host}'. Use its IP address or localhost, or {options.HostHint}.";
        }

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var origin = request.Headers.Origin.ToString();
        var isForeign = site is "cross-site" or "same-site"
            || (origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase));
        if (!isForeign || IsLink(request, origin))
        {
            return null;
        }

        var source = origin.Length > 0 ? origin : OriginOf(request.Headers.Referer);
        return source is not null && IsAllowed(source)
            ? null
            : $"Pages of {(source is null ? "other origins" : $"the origin '{source}'")} may not use this server.";
    }

    private static string? OriginOf(string? referer) =>
        Uri.TryCreate(referer, UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : null;

    private bool IsLink(HttpRequest request, string origin) =>
        options.AllowLinks && origin.Length == 0 && HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate";

    private bool IsAllowed(string origin) =>
        options.AllowedOrigins.Contains(Any)
        || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsNamed(uri.Host));

    private bool IsNamed(string host) => options.AllowedHosts.Any(allowed =>
        allowed.Equals(host, StringComparison.OrdinalIgnoreCase)
        || (allowed.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)));
}
