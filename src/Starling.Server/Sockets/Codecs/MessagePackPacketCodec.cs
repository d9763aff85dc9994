using Starling.Protocol.Buffers;
using Starling.Protocol.MessagePack;
using Starling.Protocol.SocketIo;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets.Codecs;

/// <summary>The parser <c>socket.io-msgpack-parser</c>: a packet is one binary message, a map of type, data, id and namespace.</summary>
internal sealed class MessagePackPacketCodec(int maxDepth, int maxAttachments) : IPacketCodec
{
    public PooledBuffer Begin(OutgoingMessage message, int namespaceLength) => message.Begin(isText: false);

    public void Complete(OutgoingMessage message, PacketType type, ReadOnlySpan<byte> namespaceName, long ackId)
    {
        using var packet = new PooledBuffer();
        var json = message.Unsealed;
        var writer = new MessagePackWriter(packet);
        writer.WriteMapHeader(2 + (json.IsEmpty ? 0 : 1) + (ackId >= 0 ? 1 : 0));
        writer.WriteString("type"u8);
        writer.WriteInteger((int)type);
        if (!json.IsEmpty)
        {
            writer.WriteString("data"u8);
            JsonToMessagePack.Transcode(json, message.Attachments, packet);
        }

        if (ackId >= 0)
        {
            writer.WriteString("id"u8);
            writer.WriteInteger(ackId);
        }

        writer.WriteString("nsp"u8);
        writer.WriteString(namespaceName);
        message.Begin(isText: false).Write(packet.Written);
        message.Seal();
    }

    public IPacketDecoder CreateDecoder() => new MessagePackPacketDecoder(maxDepth, maxAttachments);
}
