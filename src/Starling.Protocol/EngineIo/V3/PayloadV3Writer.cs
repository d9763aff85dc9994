using System.Buffers.Text;
using System.Text;
using Starling.Protocol.Buffers;

namespace Starling.Protocol.EngineIo.V3;

/// <summary>Writes polling payloads of Engine.IO protocol 3, in text or, for clients that read it, in binary.</summary>
public static class PayloadV3Writer
{
    /// <summary>Appends a packet: the number of its UTF-16 units, a colon, and the packet.</summary>
    /// <param name="output">The payload.</param>
    /// <param name="prefix">First part of the packet, ASCII.</param>
    /// <param name="rest">Its rest, UTF-8.</param>
    public static void Append(PooledBuffer output, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> rest)
    {
        ArgumentNullException.ThrowIfNull(output);
        Utf8Formatter.TryFormat(prefix.Length + Encoding.UTF8.GetCharCount(rest), output.GetSpan(20), out var digits);
        output.Advance(digits);
        output.WriteByte((byte)':');
        output.Write(prefix);
        output.Write(rest);
    }

    /// <summary>Appends a packet to a binary payload: its kind, the digits of its length in bytes, a byte 255, and the packet.</summary>
    /// <param name="output">The payload.</param>
    /// <param name="packet">The packet with its type in front: a digit in text, a byte in binary.</param>
    /// <param name="isBinary">Whether the packet is bytes.</param>
    public static void AppendBinary(PooledBuffer output, ReadOnlySpan<byte> packet, bool isBinary)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteByte(isBinary ? (byte)1 : (byte)0);
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(packet.Length, digits, out var count);
        foreach (var digit in digits[..count])
        {
            output.WriteByte((byte)(digit - '0'));
        }

        output.WriteByte(0xFF);
        output.Write(packet);
    }
}
