namespace Starling.Server.Sessions;

/// <summary>Texts and properties of <see cref="DisconnectReason"/>.</summary>
public static class DisconnectReasons
{
    /// <summary>The text that Socket.IO uses for a reason.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>For example "transport close".</returns>
    public static string ToText(this DisconnectReason reason) => reason switch
    {
        DisconnectReason.TransportError => "transport error",
        DisconnectReason.TransportClose => "transport close",
        DisconnectReason.ForcedClose => "forced close",
        DisconnectReason.PingTimeout => "ping timeout",
        DisconnectReason.ParseError => "parse error",
        DisconnectReason.ClientNamespaceDisconnect => "client namespace disconnect",
        DisconnectReason.ServerNamespaceDisconnect => "server namespace disconnect",
        DisconnectReason.ServerShuttingDown => "server shutting down",
        DisconnectReason.ForcedServerClose => "forced server close",
        DisconnectReason.SlowClient => "slow client",
        DisconnectReason.RateLimitExceeded => "rate limit exceeded",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Unknown reason."),
    };

    /// <summary>Whether the application itself has put the client out.</summary>
    internal static bool IsByApplication(this DisconnectReason reason) => reason is
        DisconnectReason.ForcedClose or DisconnectReason.ForcedServerClose or DisconnectReason.ServerNamespaceDisconnect;

    /// <summary>Whether the state of a socket that ended so may be restored when the client returns.</summary>
    internal static bool IsRecoverable(this DisconnectReason reason) => reason is
        DisconnectReason.TransportError or DisconnectReason.TransportClose or DisconnectReason.ForcedClose or DisconnectReason.PingTimeout
        or DisconnectReason.ServerShuttingDown or DisconnectReason.ForcedServerClose or DisconnectReason.SlowClient;
}
