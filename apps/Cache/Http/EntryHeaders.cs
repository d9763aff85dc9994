using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Http;

/// <summary>Headers with which an entry goes out. What others wrote must not act in a browser as if it were ours.</summary>
internal static class EntryHeaders
{
    private static readonly string[] KnownEncodings = ["gzip", "br", "deflate", "zstd"];

    public static void Apply(HttpResponse response, Entry entry)
    {
        _ = MediaTypeHeaderValue.TryParse(entry.Head.ContentType(), out var parsed);
        response.ContentType = Sendable(parsed?.ToString()) ?? parsed?.MediaType ?? "application/octet-stream";
        response.ContentLength = entry.Size;
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.ContentDisposition = IsShown(parsed?.MediaType ?? "")
            ? "inline"
            : string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"entry-{entry.Number}\"");
        response.Headers["X-Entry"] = entry.Number.ToString(CultureInfo.InvariantCulture);
        response.Headers["X-Source"] = Sendable(entry.Head.FinalUrl);
        if (entry.Head.Find("Content-Encoding") is { } encoding && KnownEncodings.Contains(encoding, StringComparer.OrdinalIgnoreCase))
        {
            response.Headers.ContentEncoding = encoding;
        }
    }

    /// <summary>The text if a header may have it, which is of visible ASCII.</summary>
    private static string? Sendable(string? text) => text?.AsSpan().ContainsAnyExceptInRange(' ', '~') == false ? text : null;

    private static bool IsShown(string media) => media.ToLowerInvariant() is
        "text/plain" or "application/json" or "image/png" or "image/jpeg" or "image/gif" or "image/webp" or "image/avif";
}
