using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Starling.Protocol.Buffers;

namespace Starling.Server.Sessions;

/// <summary>
/// Path, query and headers of a request in one array, since they are kept as long as the session and seldom asked for. Every text is
/// its length, in 7 bits a byte, and its UTF-8; the name of a frequent header is one byte.
/// </summary>
internal static class PackedRequest
{
    private const byte OtherName = 0xFF;

    // The index in this list is what is packed, within one process only.
    private static readonly string[] FrequentNames =
    [
        HeaderNames.Host, HeaderNames.Connection, HeaderNames.Upgrade, HeaderNames.SecWebSocketKey, HeaderNames.SecWebSocketVersion,
        HeaderNames.SecWebSocketExtensions, HeaderNames.SecWebSocketProtocol, HeaderNames.UserAgent, HeaderNames.Accept,
        HeaderNames.AcceptEncoding, HeaderNames.AcceptLanguage, HeaderNames.Origin, HeaderNames.Referer, HeaderNames.Cookie,
        HeaderNames.CacheControl, HeaderNames.Pragma, HeaderNames.Authorization, HeaderNames.ContentLength, HeaderNames.ContentType,
        HeaderNames.DNT, HeaderNames.Via, HeaderNames.RequestId, HeaderNames.TraceParent, "X-Forwarded-For", "X-Forwarded-Proto",
        "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP", "Forwarded", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site",
        "Sec-GPC", "Priority",
    ];

    public static byte[] Pack(PathString path, QueryString query, IHeaderDictionary headers)
    {
        using var buffer = new PooledBuffer();
        Write(buffer, path.Value ?? "");
        Write(buffer, query.Value ?? "");
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                WriteName(buffer, name);
                Write(buffer, value ?? "");
            }
        }

        return buffer.Written.ToArray();
    }

    public static PathString Path(ReadOnlySpan<byte> packed) => new(Read(ref packed));

    public static QueryString Query(ReadOnlySpan<byte> packed)
    {
        Read(ref packed);
        return new QueryString(Read(ref packed));
    }

    public static Dictionary<string, StringValues> Headers(ReadOnlySpan<byte> packed)
    {
        Read(ref packed);
        Read(ref packed);
        var headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        while (!packed.IsEmpty)
        {
            var index = packed[0];
            packed = packed[1..];
            var name = index == OtherName ? Read(ref packed) : FrequentNames[index];
            headers[name] = StringValues.Concat(headers.GetValueOrDefault(name), Read(ref packed));
        }

        return headers;
    }

    private static void WriteName(PooledBuffer buffer, string name)
    {
        var index = Array.FindIndex(FrequentNames, frequent => frequent.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            buffer.WriteByte((byte)index);
            return;
        }

        buffer.WriteByte(OtherName);
        Write(buffer, name);
    }

    private static void Write(PooledBuffer buffer, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        for (var rest = (uint)length; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                buffer.WriteByte((byte)rest);
                break;
            }

            buffer.WriteByte((byte)(rest | 0x80));
        }

        buffer.Advance(Encoding.UTF8.GetBytes(text, buffer.GetSpan(length)));
    }

    private static string Read(ref ReadOnlySpan<byte> packed)
    {
        var length = 0;
        var shift = 0;
        byte next;
        do
        {
            next = packed[0];
            packed = packed[1..];
            length |= (next & 0x7F) << shift;
            shift += 7;
        }
        while (next >= 0x80);

        var text = Encoding.UTF8.GetString(packed[..length]);
        packed = packed[length..];
        return text;
    }
}
