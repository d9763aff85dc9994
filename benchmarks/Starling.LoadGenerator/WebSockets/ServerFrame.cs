using System.Buffers.Binary;

namespace Starling.LoadGenerator.WebSockets;

/// <summary>One frame from the server: where its payload lies in the bytes read. RFC 6455, section 5.2.</summary>
internal readonly record struct ServerFrame(int Opcode, int PayloadStart, int PayloadLength)
{
    public const int Text = 1;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    // No message of these scenarios comes near it; a larger length means the stream is out of step.
    private const int LargestPayload = 1 << 17;

    public int Length => PayloadStart + PayloadLength;

    /// <summary>Reads the frame at the start of <paramref name="bytes"/>; false when it is not complete yet.</summary>
    /// <exception cref="LoadException">The frame is not one a server may send here.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ServerFrame frame)
    {
        frame = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        // FIN set, no extension negotiated, not masked: anything else is an error of the server (or a fragment, which none needs here).
        var first = bytes[0];
        if ((first & 0xF0) != 0x80 || (first & 0x0F) is not (Text or Close or Ping or Pong) || (bytes[1] & 0x80) != 0)
        {
            throw new LoadException($"Malformed or unexpected WebSocket frame from the server: it starts with {first:X2} {bytes[1]:X2}.");
        }

        var start = 2;
        long length = bytes[1];
        if (length == 126)
        {
            start = 4;
            length = bytes.Length < start ? 0 : BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        }
        else if (length == 127)
        {
            start = 10;
            length = bytes.Length < start ? 0 : BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        }

        if (length is < 0 or > LargestPayload)
        {
            throw new LoadException($"WebSocket frame of {length} bytes from the server; the largest expected is {LargestPayload}.");
        }

        frame = new ServerFrame(first & 0x0F, start, (int)length);
        return bytes.Length >= start && bytes.Length - start >= length;
    }
}
