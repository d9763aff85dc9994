namespace Starling.Server.Sockets;

/// <summary>Settings of connection state recovery.</summary>
public sealed class ConnectionStateRecoveryOptions
{
    /// <summary>How long a lost socket and the packets since then are kept. Default 2 minutes.</summary>
    public TimeSpan MaxDisconnectionDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether a recovered socket joins without passing the middleware again. Default true.</summary>
    public bool SkipMiddlewares { get; set; } = true;

    /// <summary>The most bytes of packets kept per namespace; the oldest are dropped first. Default 64 MiB.</summary>
    public long MaxStoredBytes { get; set; } = 64L * 1024 * 1024;
}
