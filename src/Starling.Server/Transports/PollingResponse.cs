using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Starling.Server.Transports;

/// <summary>Writes the answer to a poll.</summary>
internal static class PollingResponse
{
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body, bool isBinary, int compressionThreshold)
    {
        var response = context.Response;
        response.ContentType = isBinary ? "application/octet-stream" : "text/plain; charset=UTF-8";
        response.Headers.CacheControl = "no-store";
        if (body.Length >= compressionThreshold && AcceptsGzip(context.Request))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await gzip.WriteAsync(body, context.RequestAborted);
            return;
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static bool AcceptsGzip(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted))
        {
            return false;
        }

        foreach (var encoding in accepted)
        {
            if (encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase))
            {
                return encoding.Quality is not 0;
            }
        }

        return false;
    }
}
