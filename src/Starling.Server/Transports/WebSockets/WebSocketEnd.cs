namespace Starling.Server.Transports.WebSockets;

/// <summary>How a WebSocket ended.</summary>
public enum WebSocketEnd
{
    /// <summary>By a close frame, or by the end of the connection between two frames.</summary>
    Closed,

    /// <summary>In any other way: the connection broke or timed out, or the client broke the protocol.</summary>
    Broken,
}
