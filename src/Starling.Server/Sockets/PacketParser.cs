namespace Starling.Server.Sockets;

/// <summary>How packets look on the wire.</summary>
public enum PacketParser
{
    /// <summary>JSON text with binary attachments: the parser every client has.</summary>
    Json,

    /// <summary>MessagePack, for clients with <c>socket.io-msgpack-parser</c>.</summary>
    MessagePack,
}
