namespace Starling.Server.Sessions;

/// <summary>Transports of Engine.IO.</summary>
[Flags]
public enum SessionTransports
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>HTTP long polling.</summary>
    Polling = 1,

    /// <summary>WebSocket (RFC 6455).</summary>
    WebSocket = 2,
}
