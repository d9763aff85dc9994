using System.IO.Compression;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Starling.Server.Transports;

/// <summary>Writes the answer to a poll.</summary>
internal static class PollingResponse
{
    /// <returns>Whether the answer left; false when the client went away in the middle of it, and its packets are lost.</returns>
    public static async Task<bool> WriteAsync(HttpContext context, ReadOnlyMemory<byte> body, bool isBinary, int compressionThreshold)
    {
        var response = context.Response;
        response.ContentType = isBinary ? "application/octet-stream" : "text/plain; charset=UTF-8";
        response.Headers.CacheControl = "no-store";
        if (body.Length >= compressionThreshold && AcceptsGzip(context.Request))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            return await FinishAsync(gzip.WriteAsync(body, context.RequestAborted), context);
        }

        response.ContentLength = body.Length;
        return await FinishAsync(response.Body.WriteAsync(body, context.RequestAborted), context);
    }

    // The web server takes and drops what is written to a connection that has ended, and its token for the request may not fire. So an
    // answer that had to wait for its client has left if the connection is still there afterwards.
    private static async ValueTask<bool> FinishAsync(ValueTask writing, HttpContext context)
    {
        if (writing.IsCompletedSuccessfully)
        {
            return true;
        }

        try
        {
            await writing;
            return context.Features.Get<IConnectionLifetimeFeature>()?.ConnectionClosed.IsCancellationRequested != true;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return false;
        }
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
