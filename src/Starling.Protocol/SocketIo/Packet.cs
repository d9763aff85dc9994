namespace Starling.Protocol.SocketIo;

/// <summary>One Socket.IO packet as read from its text part.</summary>
/// <param name="Type">What it is.</param>
/// <param name="AttachmentCount">How many binary messages follow.</param>
/// <param name="Namespace">Name of the namespace in UTF-8, with its leading slash.</param>
/// <param name="AckId">The id to acknowledge with or the id acknowledged, or -1.</param>
/// <param name="Data">The payload as JSON, empty when there is none. Valid as long as the memory that it was read from.</param>
public readonly record struct Packet(
    PacketType Type,
    int AttachmentCount,
    ReadOnlyMemory<byte> Namespace,
    long AckId,
    ReadOnlyMemory<byte> Data)
{
    /// <summary>The value of <see cref="AckId"/> in a packet without one.</summary>
    public const long NoAck = -1;

    /// <summary>Whether this is an event, with attachments or without.</summary>
    public bool IsEvent => Type is PacketType.Event or PacketType.BinaryEvent;
}
