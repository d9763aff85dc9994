namespace Starling.Protocol.EngineIo;

/// <summary>Engine.IO packet types; on the wire each is one digit (Engine.IO protocol 4, "Packet types").</summary>
public enum PacketType : byte
{
    /// <summary>The handshake, sent by the server.</summary>
    Open = 0,

    /// <summary>The transport may be closed.</summary>
    Close = 1,

    /// <summary>Heartbeat, sent by the server in protocol 4 and by the client in protocol 3.</summary>
    Ping = 2,

    /// <summary>Answer to a ping.</summary>
    Pong = 3,

    /// <summary>A message of the application.</summary>
    Message = 4,

    /// <summary>The client has moved to the new transport.</summary>
    Upgrade = 5,

    /// <summary>Nothing; releases a waiting poll.</summary>
    Noop = 6,
}
