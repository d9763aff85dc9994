using Starling.Protocol.SocketIo;

namespace Starling.Server.Sockets.Codecs;

/// <summary>Joins the messages of one connection to packets. Used by the connection's read loop only.</summary>
internal interface IPacketDecoder
{
    /// <summary>Takes a message.</summary>
    /// <param name="data">The message, valid until the read loop goes on.</param>
    /// <param name="isBinary">Whether it is bytes.</param>
    /// <param name="packet">The packet, once it is whole; its data are valid until the next message.</param>
    /// <param name="attachments">The packet's attachments, which the decoder does not keep.</param>
    /// <param name="error">What is wrong, if anything.</param>
    /// <returns>Whether a packet is whole.</returns>
    bool TryDecode(
        ReadOnlyMemory<byte> data, bool isBinary, out Packet packet, out IReadOnlyList<ReadOnlyMemory<byte>> attachments, out PacketError error);
}
