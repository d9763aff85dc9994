using System.Buffers;
using System.Buffers.Text;

namespace Starling.Protocol.JsonRpc;

/// <summary>Cuts bytes into frames, however they were cut on their way.</summary>
public static class FrameReader
{
    private static ReadOnlySpan<byte> UsualStart => "Content-Length: "u8;

    /// <summary>Takes the next frame from the front.</summary>
    /// <param name="buffer">What has come; moved past the frame that is returned.</param>
    /// <param name="limits">What a frame may ask for.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="missing">How many more bytes are needed at least, if none is returned.</param>
    /// <returns>False when more bytes are needed; then <paramref name="buffer"/> stays as it was.</returns>
    /// <exception cref="FrameException">The bytes are no frames.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, FrameLimits limits, out Frame frame, out int missing)
    {
        ArgumentNullException.ThrowIfNull(limits);
        frame = default;
        missing = 1;
        if (buffer.IsEmpty)
        {
            return false;
        }

        if (!TryReadUsualHeader(buffer.FirstSpan, limits, out var header, out var headerLength)
            && !TryReadHeader(buffer, limits, out header, out headerLength))
        {
            return false;
        }

        var present = buffer.Length - headerLength;
        if (present < header.Length)
        {
            missing = (int)(header.Length - present);
            return false;
        }

        var body = buffer.Slice(headerLength, header.Length);
        buffer = buffer.Slice(body.End);
        frame = new Frame(body, header.Stream);
        return true;
    }

    /// <summary>The header that nearly every peer writes: one line, in one piece.</summary>
    private static bool TryReadUsualHeader(ReadOnlySpan<byte> bytes, FrameLimits limits, out FrameHeader header, out int headerLength)
    {
        header = default;
        headerLength = 0;
        if (!bytes.StartsWith(UsualStart) || !Utf8Parser.TryParse(bytes[UsualStart.Length..], out uint length, out var digits))
        {
            return false;
        }

        headerLength = UsualStart.Length + digits + 4;
        if (length > limits.MaxBodyBytes || !bytes[(UsualStart.Length + digits)..].StartsWith("\r\n\r\n"u8))
        {
            return false;
        }

        header = new FrameHeader((int)length, Stream: null);
        return true;
    }

    private static bool TryReadHeader(ReadOnlySequence<byte> buffer, FrameLimits limits, out FrameHeader header, out int headerLength)
    {
        var start = buffer.Slice(0, Math.Min(buffer.Length, limits.MaxHeaderBytes));
        var reader = new SequenceReader<byte>(start);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> lines, "\r\n\r\n"u8))
        {
            header = default;
            headerLength = 0;
            return buffer.Length >= limits.MaxHeaderBytes
                ? throw new FrameException(FrameError.HeaderTooLong, $"The header does not end within {limits.MaxHeaderBytes} bytes.")
                : false;
        }

        headerLength = (int)reader.Consumed;
        var flat = lines.Length == 0 ? [] : start.Slice(0, lines.Length + 2).ToArray();
        header = FrameHeader.Parse(flat, limits);
        return true;
    }
}
