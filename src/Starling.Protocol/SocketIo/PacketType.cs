namespace Starling.Protocol.SocketIo;

/// <summary>Socket.IO packet types; on the wire each is one digit (Socket.IO protocol 5, "Packet types").</summary>
public enum PacketType : byte
{
    /// <summary>Joins a namespace, and the answer to it.</summary>
    Connect = 0,

    /// <summary>Leaves a namespace.</summary>
    Disconnect = 1,

    /// <summary>An event with its arguments.</summary>
    Event = 2,

    /// <summary>The acknowledgement of an event.</summary>
    Ack = 3,

    /// <summary>A namespace could not be joined.</summary>
    ConnectError = 4,

    /// <summary>An event with binary attachments.</summary>
    BinaryEvent = 5,

    /// <summary>An acknowledgement with binary attachments.</summary>
    BinaryAck = 6,
}
