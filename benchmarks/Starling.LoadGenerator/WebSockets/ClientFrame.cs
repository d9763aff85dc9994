using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Starling.LoadGenerator.WebSockets;

/// <summary>Writes masked frames, as a client must. RFC 6455, section 5.3.</summary>
internal static class ClientFrame
{
    public const int LargestHeader = 8;

    /// <summary>Writes one whole frame and returns its length; payloads go up to 65,535 bytes.</summary>
    public static int Write(Span<byte> destination, int opcode, ReadOnlySpan<byte> payload, uint mask)
    {
        destination[0] = (byte)(0x80 | opcode);
        var header = 2;
        if (payload.Length < 126)
        {
            destination[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            destination[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], checked((ushort)payload.Length));
            header = 4;
        }

        MemoryMarshal.Write(destination[header..], mask);
        Mask(payload, destination.Slice(header + 4, payload.Length), mask);
        return header + 4 + payload.Length;
    }

    private static void Mask(ReadOnlySpan<byte> source, Span<byte> destination, uint mask)
    {
        var wide = mask | ((ulong)mask << 32);
        var i = 0;
        for (; i + 8 <= source.Length; i += 8)
        {
            MemoryMarshal.Write(destination[i..], MemoryMarshal.Read<ulong>(source[i..]) ^ wide);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (byte)(source[i] ^ (byte)(mask >> (8 * (i & 3))));
        }
    }
}
