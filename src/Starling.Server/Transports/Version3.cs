using System.Buffers;
using System.Buffers.Text;
using System.Text.Unicode;
using Starling.Protocol.Buffers;
using Starling.Protocol.EngineIo;
using Starling.Protocol.EngineIo.V3;

namespace Starling.Server.Transports;

/// <summary>Packets of Engine.IO protocol 3, for clients of Socket.IO 2.</summary>
internal static class Version3
{
    /// <summary>Reads a text packet: a type digit and text, or "b4" and base64.</summary>
    public static bool TryReadText(ReadOnlyMemory<byte> text, PooledBuffer? scratch, out Packet packet)
    {
        var span = text.Span;
        if (span is not [(byte)'b', ..])
        {
            return PacketReader.TryReadText(text, scratch, out packet);
        }

        packet = default;
        if (span.Length < 2 || span[1] != '4')
        {
            return false;
        }

        scratch ??= new PooledBuffer();
        scratch.Reset();
        var base64 = span[2..];
        if (Base64.DecodeFromUtf8(base64, scratch.GetSpan(Base64.GetMaxDecodedFromUtf8Length(base64.Length)), out _, out var written)
            != OperationStatus.Done)
        {
            return false;
        }

        scratch.Advance(written);
        packet = new Packet(PacketType.Message, IsBinary: true, scratch.WrittenMemory);
        return true;
    }

    /// <summary>Reads a binary packet: the type as a byte and bytes.</summary>
    public static bool TryReadBinary(ReadOnlyMemory<byte> bytes, out Packet packet)
    {
        packet = bytes.IsEmpty ? default : new Packet(PacketType.Message, IsBinary: true, bytes[1..]);
        return !bytes.IsEmpty && bytes.Span[0] == (byte)PacketType.Message;
    }

    /// <summary>Appends a packet, given in the text form of protocol 4, to a polling payload.</summary>
    public static void WritePayloadPacket(PooledBuffer output, ReadOnlySpan<byte> packet)
    {
        if (packet is [(byte)'b', ..])
        {
            PayloadV3Writer.Append(output, "b4"u8, packet[1..]);
        }
        else
        {
            PayloadV3Writer.Append(output, [], packet);
        }
    }

    /// <summary>Appends a packet, given in the text form of protocol 4, to a binary polling payload.</summary>
    public static void WriteBinaryPayloadPacket(PooledBuffer output, ReadOnlySpan<byte> packet)
    {
        if (packet is not [(byte)'b', ..])
        {
            PayloadV3Writer.AppendBinary(output, packet, isBinary: false);
            return;
        }

        var base64 = packet[1..];
        using var bytes = new PooledBuffer();
        bytes.WriteByte((byte)PacketType.Message);
        Base64.DecodeFromUtf8(base64, bytes.GetSpan(Base64.GetMaxDecodedFromUtf8Length(base64.Length)), out _, out var written);
        bytes.Advance(written);
        PayloadV3Writer.AppendBinary(output, bytes.Written, isBinary: true);
    }

    /// <summary>Takes the body of a POST apart and hands its packets on.</summary>
    public static async ValueTask<PollingTransport.Outcome> ReadPayloadAsync(
        ReadOnlyMemory<byte> payload, bool isBinary, Func<Packet, ValueTask> receive)
    {
        using var scratch = new PooledBuffer();
        do
        {
            if (!PayloadV3Reader.TryRead(ref payload, isBinary, out var bytes, out var isBinaryPacket)
                || !(isBinaryPacket ? TryReadBinary(bytes, out var packet) : Utf8.IsValid(bytes.Span) && TryReadText(bytes, scratch, out packet)))
            {
                return PollingTransport.Outcome.Malformed;
            }

            await receive(packet);
        }
        while (!payload.IsEmpty);
        return PollingTransport.Outcome.Done;
    }
}
