using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Starling.Protocol.WebSockets;

/// <summary>The head of one frame (RFC 6455, section 5.2).</summary>
/// <param name="Opcode">What the frame is.</param>
/// <param name="Final">Whether it ends its message.</param>
/// <param name="ReservedBits">RSV1 to RSV3 as the bits 0x40, 0x20 and 0x10.</param>
/// <param name="Masked">Whether a masking key was present.</param>
/// <param name="Mask">The masking key as its four bytes in the machine's byte order.</param>
/// <param name="PayloadLength">Bytes of payload that follow; negative when the 64-bit form had its top bit set.</param>
/// <param name="Size">Bytes that the head itself takes on the wire.</param>
public readonly record struct FrameHeader(Opcode Opcode, bool Final, byte ReservedBits, bool Masked, uint Mask, long PayloadLength, int Size)
{
    /// <summary>The most bytes a head takes: 2, 8 of length, 4 of mask.</summary>
    public const int MaxSize = 14;

    /// <summary>The most bytes that the head of an unmasked frame takes.</summary>
    public const int MaxUnmaskedSize = 10;

    /// <summary>The bit of a compressed message (RFC 7692, section 6).</summary>
    public const byte Rsv1 = 0x40;

    private const byte FinalBit = 0x80;
    private const byte MaskBit = 0x80;

    /// <summary>Whether this is a close, ping or pong.</summary>
    public bool IsControl => ((byte)Opcode & 0x8) != 0;

    /// <summary>Whether the length was written in the shortest form, as section 5.2 demands.</summary>
    public bool IsMinimal => Size - (Masked ? 4 : 0) == SizeFor(PayloadLength);

    /// <summary>Reads a head from the start of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Received bytes.</param>
    /// <param name="header">The head, when it is there as a whole.</param>
    /// <returns>Whether the whole head was there.</returns>
    public static bool TryRead(in ReadOnlySequence<byte> buffer, out FrameHeader header)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= MaxSize || buffer.IsSingleSegment)
        {
            return TryRead(first, out header);
        }

        Span<byte> copy = stackalloc byte[MaxSize];
        var length = (int)Math.Min(MaxSize, buffer.Length);
        buffer.Slice(0, length).CopyTo(copy);
        return TryRead(copy[..length], out header);
    }

    /// <summary>Bytes of head that an unmasked frame of <paramref name="payloadLength"/> bytes needs.</summary>
    /// <param name="payloadLength">Bytes of payload.</param>
    /// <returns>2, 4 or 10.</returns>
    public static int SizeFor(long payloadLength) => payloadLength < 126 ? 2 : payloadLength <= ushort.MaxValue ? 4 : MaxUnmaskedSize;

    /// <summary>Writes the head of an unmasked frame, as servers send it.</summary>
    /// <param name="destination">At least <see cref="SizeFor"/> bytes.</param>
    /// <param name="opcode">What the frame is.</param>
    /// <param name="payloadLength">Bytes of payload that will follow.</param>
    /// <param name="compressed">Whether the payload was deflated (RFC 7692).</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, Opcode opcode, int payloadLength, bool compressed = false)
    {
        destination[0] = (byte)(FinalBit | (compressed ? Rsv1 : 0) | (byte)opcode);
        if (payloadLength < 126)
        {
            destination[1] = (byte)payloadLength;
            return 2;
        }

        if (payloadLength <= ushort.MaxValue)
        {
            destination[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
            return 4;
        }

        destination[1] = 127;
        BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payloadLength);
        return MaxUnmaskedSize;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        var masked = (bytes[1] & MaskBit) != 0;
        long payloadLength = bytes[1] & 0x7F;
        var size = 2 + (payloadLength == 126 ? 2 : payloadLength == 127 ? 8 : 0);
        var maskOffset = size;
        size += masked ? 4 : 0;
        if (bytes.Length < size)
        {
            return false;
        }

        payloadLength = payloadLength switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
            _ => payloadLength,
        };
        var mask = masked ? MemoryMarshal.Read<uint>(bytes[maskOffset..]) : 0;
        header = new FrameHeader((Opcode)(bytes[0] & 0xF), (bytes[0] & FinalBit) != 0, (byte)(bytes[0] & 0x70), masked, mask, payloadLength, size);
        return true;
    }
}
