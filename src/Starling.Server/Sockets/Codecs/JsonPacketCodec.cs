using Starling.Protocol.Buffers;
using Starling.Protocol.SocketIo;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets.Codecs;

/// <summary>The default parser: JSON text, bytes as attachments.</summary>
internal sealed class JsonPacketCodec(int maxDepth, int maxAttachments) : IPacketCodec
{
    public PooledBuffer Begin(OutgoingMessage message, int namespaceLength) =>
        message.Begin(isText: true, PacketHeader.MaxSize(namespaceLength));

    public void Complete(OutgoingMessage message, PacketType type, ReadOnlySpan<byte> namespaceName, long ackId)
    {
        message.PrependHeader(type, namespaceName, ackId);
        message.Seal();
    }

    public IPacketDecoder CreateDecoder() => new JsonPacketDecoder(maxDepth, maxAttachments);
}
