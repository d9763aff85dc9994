namespace Starling.Apps.LogReport.Formats;

/// <summary>The request of a log line, <c>GET /a?b HTTP/1.1</c>.</summary>
internal static class RequestLine
{
    /// <summary>The path without its query. A request that is no request line, such as <c>-</c> or the start of a TLS handshake, is its own path.</summary>
    public static ReadOnlySpan<byte> Path(ReadOnlySpan<byte> request)
    {
        var method = request.IndexOf((byte)' ');
        if (method < 0)
        {
            return WithoutQuery(request);
        }

        var rest = request[(method + 1)..];
        var end = rest.IndexOfAny((byte)' ', (byte)'?');
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>What stands before the query.</summary>
    public static ReadOnlySpan<byte> WithoutQuery(ReadOnlySpan<byte> path) => path.IndexOf((byte)'?') is >= 0 and var query ? path[..query] : path;
}
