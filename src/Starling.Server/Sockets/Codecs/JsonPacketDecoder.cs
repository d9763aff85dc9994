using Starling.Protocol.SocketIo;

namespace Starling.Server.Sockets.Codecs;

/// <summary>Decodes the default parser's messages: a text, then as many binary messages as it announced.</summary>
internal sealed class JsonPacketDecoder(int maxDepth, int maxAttachments) : IPacketDecoder
{
    private PendingPacket? _pending;

    public bool TryDecode(
        ReadOnlyMemory<byte> data, bool isBinary, out Packet packet, out IReadOnlyList<ReadOnlyMemory<byte>> attachments, out PacketError error)
    {
        attachments = [];
        if (isBinary)
        {
            return AddAttachment(data, out packet, ref attachments, out error);
        }

        if (_pending is not null)
        {
            packet = default;
            error = PacketError.TextInsteadOfAttachment;
            return false;
        }

        error = PacketReader.Read(data, maxDepth, out packet);
        if (error == PacketError.None && packet.AttachmentCount > 0)
        {
            error = Await(packet);
            return false;
        }

        return error == PacketError.None;
    }

    private PacketError Await(in Packet packet)
    {
        if (packet.AttachmentCount > maxAttachments)
        {
            return PacketError.TooManyAttachments;
        }

        // The text has to outlive the message that brought it.
        _pending = new PendingPacket(packet with { Namespace = packet.Namespace.ToArray(), Data = packet.Data.ToArray() });
        return PacketError.None;
    }

    private bool AddAttachment(
        ReadOnlyMemory<byte> data, out Packet packet, ref IReadOnlyList<ReadOnlyMemory<byte>> attachments, out PacketError error)
    {
        packet = default;
        error = _pending is null ? PacketError.UnexpectedAttachment : PacketError.None;
        if (_pending is null || !_pending.Add(data.ToArray()))
        {
            return false;
        }

        packet = _pending.Packet;
        attachments = _pending.Attachments;
        _pending = null;
        return true;
    }

    /// <summary>A packet that waits for its attachments.</summary>
    private sealed class PendingPacket(Packet packet)
    {
        private int _received;

        public Packet Packet => packet;

        public ReadOnlyMemory<byte>[] Attachments { get; } = new ReadOnlyMemory<byte>[packet.AttachmentCount];

        /// <summary>Whether this was the last one.</summary>
        public bool Add(byte[] attachment)
        {
            Attachments[_received++] = attachment;
            return _received == Attachments.Length;
        }
    }
}
