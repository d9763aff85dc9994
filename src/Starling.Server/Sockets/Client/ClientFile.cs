using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Starling.Server.Sockets.Client;

/// <summary>One file of Socket.IO's browser client. Read, and compressed, when it is asked for the first time. Thread-safe.</summary>
internal sealed class ClientFile
{
    private const string Brotli = "br";
    private const string Gzip = "gzip";
    private const int TagBytes = 12;

    private readonly string _contentType;
    private readonly Lazy<(byte[] Body, string Tag)> _plain;
    private readonly Lazy<byte[]> _brotli;
    private readonly Lazy<byte[]> _gzip;

    public ClientFile(string name, Func<Stream> open)
    {
        Name = name;
        _contentType = name.EndsWith(".map", StringComparison.Ordinal) ? "application/json; charset=utf-8" : "application/javascript; charset=utf-8";
        _plain = new(() => Read(open));
        _brotli = new(() => Compress(static stream => new BrotliStream(stream, CompressionLevel.Optimal)));
        _gzip = new(() => Compress(static stream => new GZipStream(stream, CompressionLevel.Optimal)));
    }

    public string Name { get; }

    /// <summary>Answers a GET or HEAD, with 304 if the client has the file already.</summary>
    public Task WriteAsync(HttpContext context)
    {
        var encoding = Choose(context.Request);
        var headers = context.Response.Headers;
        headers.CacheControl = "public, max-age=0";
        headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (encoding is not null)
        {
            headers.ContentEncoding = encoding;
        }

        var body = encoding switch { Brotli => _brotli.Value, Gzip => _gzip.Value, _ => _plain.Value.Body };
        var tag = new EntityTagHeaderValue($"\"{_plain.Value.Tag}{(encoding is null ? "" : "-" + encoding)}\"");
        return Results.Bytes(body, _contentType, entityTag: tag).ExecuteAsync(context);
    }

    private static (byte[] Body, string Tag) Read(Func<Stream> open)
    {
        using var stream = open();
        var body = new byte[stream.Length];
        stream.ReadExactly(body);
        return (body, Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, TagBytes)));
    }

    private static string? Choose(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted))
        {
            return null;
        }

        bool Accepts(string encoding) => accepted.Any(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && value.Quality is not 0);
        return Accepts(Brotli) ? Brotli : Accepts(Gzip) ? Gzip : null;
    }

    private byte[] Compress(Func<Stream, Stream> open)
    {
        using var output = new MemoryStream();
        using (var compressor = open(output))
        {
            compressor.Write(_plain.Value.Body);
        }

        return output.ToArray();
    }
}
