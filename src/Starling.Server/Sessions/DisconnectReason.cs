namespace Starling.Server.Sessions;

/// <summary>
/// Why a session or a socket ended. The texts are those of the Socket.IO server, so that logs and dashboards read alike;
/// <see cref="DisconnectReasons.ToText"/> gives them. Numbers are never reused.
/// </summary>
public enum DisconnectReason
{
    /// <summary>"transport error": the connection broke or the client broke the transport's protocol.</summary>
    TransportError = 1,

    /// <summary>"transport close": the client closed the connection.</summary>
    TransportClose = 2,

    /// <summary>"forced close": the application closed the session.</summary>
    ForcedClose = 3,

    /// <summary>"ping timeout": the client did not answer a heartbeat in time.</summary>
    PingTimeout = 4,

    /// <summary>"parse error": the client sent something that is not a packet.</summary>
    ParseError = 5,

    /// <summary>"client namespace disconnect": the client left the namespace.</summary>
    ClientNamespaceDisconnect = 6,

    /// <summary>"server namespace disconnect": the application removed the socket from the namespace.</summary>
    ServerNamespaceDisconnect = 7,

    /// <summary>"server shutting down": the server drains.</summary>
    ServerShuttingDown = 8,

    /// <summary>"forced server close": the session ended because the client joined no namespace in time.</summary>
    ForcedServerClose = 9,

    /// <summary>"slow client": the client read too slowly and its send queue was full.</summary>
    SlowClient = 10,

    /// <summary>"rate limit exceeded": the client went on sending more events than it may.</summary>
    RateLimitExceeded = 11,
}
