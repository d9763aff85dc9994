using Starling.Protocol.Buffers;
using Starling.Protocol.SocketIo;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets.Codecs;

/// <summary>One of the parsers that clients and server agree on. Stateless but for the decoders it makes.</summary>
internal interface IPacketCodec
{
    /// <summary>Begins a packet and returns where its payload goes, as JSON; attachments go into the message's list.</summary>
    PooledBuffer Begin(OutgoingMessage message, int namespaceLength);

    /// <summary>Ends a packet whose payload is written.</summary>
    void Complete(OutgoingMessage message, PacketType type, ReadOnlySpan<byte> namespaceName, long ackId);

    /// <summary>Makes the decoder of one connection.</summary>
    IPacketDecoder CreateDecoder();
}
