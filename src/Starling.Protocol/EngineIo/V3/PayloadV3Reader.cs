using System.Text;

namespace Starling.Protocol.EngineIo.V3;

/// <summary>
/// Takes polling payloads of Engine.IO protocol 3 apart: <c>length ":" packet</c> where the length counts UTF-16 units, or, in binary,
/// a byte 0 (text) or 1 (bytes), the digits of the length as bytes, a byte 255, and the packet (Engine.IO protocol 3, "Payload").
/// </summary>
public static class PayloadV3Reader
{
    private const byte BinaryLengthEnd = 0xFF;
    private const int MaxDigits = 9;

    /// <summary>Takes the next packet off a payload.</summary>
    /// <param name="payload">The rest of the payload; afterwards what comes behind the packet.</param>
    /// <param name="isBinaryPayload">Whether the payload is in the binary form.</param>
    /// <param name="packet">The packet with its type in front: a digit in text, a byte in binary.</param>
    /// <param name="isBinaryPacket">Whether the packet is bytes.</param>
    /// <returns>Whether the payload began with a packet.</returns>
    public static bool TryRead(ref ReadOnlyMemory<byte> payload, bool isBinaryPayload, out ReadOnlyMemory<byte> packet, out bool isBinaryPacket)
    {
        return isBinaryPayload
            ? TryReadBinary(ref payload, out packet, out isBinaryPacket)
            : TryReadText(ref payload, out packet, out isBinaryPacket);
    }

    private static bool TryReadBinary(ref ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> packet, out bool isBinaryPacket)
    {
        packet = default;
        var span = payload.Span;
        isBinaryPacket = !span.IsEmpty && span[0] == 1;
        var length = 0;
        for (var i = 1; i < span.Length && i <= MaxDigits + 1; i++)
        {
            if (span[i] == BinaryLengthEnd)
            {
                return i > 1 && span[0] <= 1 && TryCut(ref payload, i + 1, length, out packet);
            }

            if (span[i] > 9)
            {
                return false;
            }

            length = (length * 10) + span[i];
        }

        return false;
    }

    private static bool TryReadText(ref ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> packet, out bool isBinaryPacket)
    {
        packet = default;
        isBinaryPacket = false;
        var span = payload.Span;
        var colon = span[..Math.Min(span.Length, MaxDigits + 1)].IndexOf((byte)':');
        if (colon < 1)
        {
            return false;
        }

        var units = 0;
        foreach (var digit in span[..colon])
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            units = (units * 10) + (digit - '0');
        }

        return TryFindEnd(span[(colon + 1)..], units, out var bytes) && TryCut(ref payload, colon + 1, bytes, out packet);
    }

    private static bool TryFindEnd(ReadOnlySpan<byte> utf8, int units, out int bytes)
    {
        bytes = 0;
        while (units > 0)
        {
            if (Rune.DecodeFromUtf8(utf8[bytes..], out var rune, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            bytes += consumed;
            units -= rune.Utf16SequenceLength;
        }

        return units == 0;
    }

    private static bool TryCut(ref ReadOnlyMemory<byte> payload, int start, int length, out ReadOnlyMemory<byte> packet)
    {
        packet = default;
        if (length < 1 || payload.Length - start < length)
        {
            return false;
        }

        packet = payload.Slice(start, length);
        payload = payload[(start + length)..];
        return true;
    }
}
