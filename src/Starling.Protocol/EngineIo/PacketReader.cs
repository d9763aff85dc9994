using System.Buffers;
using System.Buffers.Text;
using Starling.Protocol.Buffers;

namespace Starling.Protocol.EngineIo;

/// <summary>Reads packets of Engine.IO protocol 4 from WebSocket messages and long-polling payloads.</summary>
public static class PacketReader
{
    /// <summary>Stands between the packets of a polling payload (U+001E, record separator).</summary>
    public const byte Separator = 0x1E;

    private const byte BinaryPrefix = (byte)'b';

    /// <summary>Reads the one packet in a text: a WebSocket text message or a part of a polling payload.</summary>
    /// <param name="text">The encoded packet in UTF-8.</param>
    /// <param name="scratch">Takes the bytes of a packet in base64; <paramref name="packet"/> then refers to it. Null to give it memory of its own.</param>
    /// <param name="packet">The packet.</param>
    /// <returns>Whether the text is a packet.</returns>
    public static bool TryReadText(ReadOnlyMemory<byte> text, PooledBuffer? scratch, out Packet packet)
    {
        packet = default;
        var span = text.Span;
        if (span.IsEmpty)
        {
            return false;
        }

        if (span[0] == BinaryPrefix)
        {
            return TryReadBase64(span[1..], scratch ?? new PooledBuffer(), out packet);
        }

        var type = span[0] - '0';
        if ((uint)type > (uint)PacketType.Noop)
        {
            return false;
        }

        packet = new Packet((PacketType)type, IsBinary: false, text[1..]);
        return true;
    }

    /// <summary>Takes the next encoded packet off a polling payload.</summary>
    /// <param name="payload">The rest of the payload; null-length input yields one empty, and so invalid, packet as the reference does.</param>
    /// <param name="packetText">The encoded packet, for <see cref="TryReadText"/>.</param>
    /// <param name="rest">What comes after it.</param>
    /// <returns>Whether <paramref name="rest"/> holds a further packet.</returns>
    public static bool SplitPayload(ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> packetText, out ReadOnlyMemory<byte> rest)
    {
        var end = payload.Span.IndexOf(Separator);
        if (end < 0)
        {
            packetText = payload;
            rest = default;
            return false;
        }

        packetText = payload[..end];
        rest = payload[(end + 1)..];
        return true;
    }

    private static bool TryReadBase64(ReadOnlySpan<byte> base64, PooledBuffer scratch, out Packet packet)
    {
        packet = default;
        scratch.Reset();
        var destination = scratch.GetSpan(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        if (Base64.DecodeFromUtf8(base64, destination, out _, out var written) != OperationStatus.Done)
        {
            return false;
        }

        scratch.Advance(written);
        packet = new Packet(PacketType.Message, IsBinary: true, scratch.WrittenMemory);
        return true;
    }
}
