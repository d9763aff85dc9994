namespace Starling.Protocol.WebSockets;

/// <summary>Close status codes (RFC 6455, section 7.4).</summary>
public enum CloseCode : ushort
{
    /// <summary>No code: the close frame is empty, which the peer sees as 1005. Never on the wire.</summary>
    None = 0,

    /// <summary>The purpose of the connection is fulfilled.</summary>
    Normal = 1000,

    /// <summary>The server goes down, or the page is left.</summary>
    GoingAway = 1001,

    /// <summary>A frame broke the protocol.</summary>
    ProtocolError = 1002,

    /// <summary>A text message was not UTF-8.</summary>
    InvalidPayload = 1007,

    /// <summary>The message breaks a policy of the server.</summary>
    PolicyViolation = 1008,

    /// <summary>The message is larger than the server takes.</summary>
    MessageTooBig = 1009,

    /// <summary>The server met a condition that keeps it from going on.</summary>
    InternalError = 1011,

    /// <summary>The server is overloaded; come back later (IANA registry).</summary>
    TryAgainLater = 1013,
}
