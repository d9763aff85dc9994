using Starling.Protocol.Buffers;
using Starling.Protocol.SocketIo;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets.Codecs;

internal sealed class MessagePackPacketCodec(int maxDepth, int maxAttachments) : IPacketCodec
{
    public PooledBuffer Begin(OutgoingMessage message, int namespaceLength) => throw new NotImplementedException();
    public void Complete(OutgoingMessage message, PacketType type, ReadOnlySpan<byte> namespaceName, long ackId) => throw new NotImplementedException();
    public IPacketDecoder CreateDecoder() => throw new NotImplementedException($"{maxDepth}{maxAttachments}");
}
