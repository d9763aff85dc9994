using System.Text.Json;
using Starling.Protocol.Buffers;
using Starling.Protocol.MessagePack;
using Starling.Protocol.SocketIo;

namespace Starling.Server.Sockets.Codecs;

/// <summary>Decodes the messages of <c>socket.io-msgpack-parser</c> into the inner form: JSON and attachments.</summary>
internal sealed class MessagePackPacketDecoder(int maxDepth, int maxAttachments) : IPacketDecoder
{
    public bool TryDecode(
        ReadOnlyMemory<byte> data, bool isBinary, out Packet packet, out IReadOnlyList<ReadOnlyMemory<byte>> attachments, out PacketError error)
    {
        packet = default;
        var bytes = new List<ReadOnlyMemory<byte>>();
        attachments = bytes;
        if (!isBinary)
        {
            error = PacketError.UnknownType;
            return false;
        }

        try
        {
            error = Decode(data.Span, bytes, out packet);
            return error == PacketError.None;
        }
        catch (MessagePackException)
        {
            error = PacketError.InvalidPayload;
            return false;
        }
    }

    private PacketError Decode(ReadOnlySpan<byte> data, List<ReadOnlyMemory<byte>> attachments, out Packet packet)
    {
        packet = default;
        var reader = new MessagePackReader(data);
        var head = reader.Read();
        var type = -1L;
        var ackId = Packet.NoAck;
        byte[] name = [];
        byte[] json = [];
        for (var i = head.Type == MessagePackType.Map ? head.Count : 0; i > 0; i--)
        {
            var key = reader.Read().Bytes;
            if (key.SequenceEqual("data"u8))
            {
                json = ReadData(ref reader, attachments);
                continue;
            }

            var value = reader.Read();
            if (key.SequenceEqual("type"u8) && value.Type == MessagePackType.Integer)
            {
                type = value.Integer;
            }
            else if (key.SequenceEqual("id"u8) && value.Type == MessagePackType.Integer)
            {
                ackId = value.Integer;
            }
            else if (key.SequenceEqual("nsp"u8) && value.Type == MessagePackType.String)
            {
                name = value.Bytes.ToArray();
            }
            else
            {
                // The official parser sends its whole packet object, such as the map "options" of every event: other keys are no error.
                Skip(ref reader, value, maxDepth);
            }
        }

        if (type is < 0 or > (long)PacketType.ConnectError || name is not [(byte)'/', ..] || ackId < Packet.NoAck || !reader.IsAtEnd)
        {
            return PacketError.UnknownType;
        }

        if (attachments.Count > maxAttachments)
        {
            return PacketError.TooManyAttachments;
        }

        var error = PacketReader.CheckPayload((PacketType)type, json, maxDepth);
        packet = new Packet((PacketType)type, attachments.Count, name, ackId, json);
        return error;
    }

    private static void Skip(ref MessagePackReader reader, MessagePackValue value, int depth)
    {
        if (depth < 0)
        {
            throw new MessagePackException("Arrays and maps nest too deep.");
        }

        var children = value.Type switch
        {
            MessagePackType.Array => value.Count,
            MessagePackType.Map => 2L * value.Count,
            _ => 0,
        };
        for (; children > 0; children--)
        {
            Skip(ref reader, reader.Read(), depth - 1);
        }
    }

    private byte[] ReadData(ref MessagePackReader reader, List<ReadOnlyMemory<byte>> attachments)
    {
        using var buffer = new PooledBuffer();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = maxDepth + 1 }))
        {
            MessagePackToJson.Transcode(ref reader, json, attachments, maxDepth);
        }

        // undefined, which a client may send as data of a CONNECT, is nil in MessagePack.
        return buffer.Written.SequenceEqual("null"u8) ? [] : buffer.Written.ToArray();
    }
}
