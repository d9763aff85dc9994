using System.Buffers.Text;
using System.Text;

namespace Starling.Protocol.JsonRpc;

/// <summary>
/// The lines before a body: <c>Content-Length</c> and, optionally, <c>Content-Type</c>. The form is that of the Language Server
/// Protocol 3.17, "Base Protocol", which takes it from HTTP (RFC 7230, section 3.2).
/// </summary>
/// <param name="Length">Bytes of the body.</param>
/// <param name="Stream">Number of the binary stream that the body is a piece of, or null when it is JSON.</param>
public readonly record struct FrameHeader(int Length, long? Stream)
{
    /// <summary>Bytes that every header of ours fits into.</summary>
    public const int MaxWritten = 96;

    private static ReadOnlySpan<byte> LengthName => "Content-Length"u8;

    private static ReadOnlySpan<byte> TypeName => "Content-Type"u8;

    private static ReadOnlySpan<byte> BinaryType => "application/octet-stream"u8;

    /// <summary>Reads a header.</summary>
    /// <param name="lines">Its lines, each with its line break, without the empty one.</param>
    /// <param name="limits">How long the body may be.</param>
    /// <exception cref="FrameException">It is not a header, or asks for too much.</exception>
    public static FrameHeader Parse(ReadOnlySpan<byte> lines, FrameLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        int? length = null;
        long? stream = null;
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf("\r\n"u8);
            var line = lines[..end];
            lines = lines[(end + 2)..];
            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                throw new FrameException(FrameError.MalformedHeader, "A line of the header is not of the form 'Name: value'.");
            }

            var value = line[(colon + 1)..].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(line[..colon], LengthName))
            {
                length = length is null
                    ? ParseLength(value, limits)
                    : throw new FrameException(FrameError.LengthInvalid, "The header gives Content-Length twice.");
            }
            else if (Ascii.EqualsIgnoreCase(line[..colon], TypeName))
            {
                stream = ParseType(value);
            }
        }

        return new FrameHeader(length ?? throw new FrameException(FrameError.LengthMissing, "The header has no Content-Length."), stream);
    }

    /// <summary>Writes the header and the empty line after it.</summary>
    /// <param name="destination">Takes up to <see cref="MaxWritten"/> bytes.</param>
    /// <returns>How many were written.</returns>
    public int Write(Span<byte> destination)
    {
        "Content-Length: "u8.CopyTo(destination);
        Utf8Formatter.TryFormat(Length, destination[16..], out var digits);
        var written = 16 + digits;
        if (Stream is { } number)
        {
            "\r\nContent-Type: application/octet-stream; stream="u8.CopyTo(destination[written..]);
            written += 49;
            Utf8Formatter.TryFormat(number, destination[written..], out digits);
            written += digits;
        }

        "\r\n\r\n"u8.CopyTo(destination[written..]);
        return written + 4;
    }

    internal static int ParseLength(ReadOnlySpan<byte> value, FrameLimits limits)
    {
        // Utf8Parser takes a sign and stops at the first byte that is no digit; neither is a length.
        if (value.IsEmpty || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            throw new FrameException(FrameError.LengthInvalid, "Content-Length is not a number.");
        }

        if (!Utf8Parser.TryParse(value, out int length, out _) || length > limits.MaxBodyBytes)
        {
            throw new FrameException(
                FrameError.BodyTooLong, $"Content-Length is {Encoding.ASCII.GetString(value[..Math.Min(value.Length, 20)])}; the limit is {limits.MaxBodyBytes} bytes.");
        }

        return length;
    }

    private static long? ParseType(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOf((byte)';');
        var type = (end < 0 ? value : value[..end]).TrimEnd((byte)' ');
        var parameters = end < 0 ? [] : value[(end + 1)..].Trim((byte)' ');
        if (Ascii.EqualsIgnoreCase(type, BinaryType))
        {
            return parameters.StartsWith("stream="u8) && Utf8Parser.TryParse(parameters[7..], out long stream, out var used)
                && used == parameters.Length - 7 && stream >= 0
                ? stream
                : throw new FrameException(FrameError.MalformedHeader, "A binary body must say 'stream=' and its number.");
        }

        var charset = parameters.StartsWith("charset="u8) ? parameters[8..].Trim((byte)'"') : [];
        if (!charset.IsEmpty && !Ascii.EqualsIgnoreCase(charset, "utf-8"u8) && !Ascii.EqualsIgnoreCase(charset, "utf8"u8))
        {
            throw new FrameException(FrameError.CharsetUnsupported, "JSON is read as UTF-8 only.");
        }

        return null;
    }
}
