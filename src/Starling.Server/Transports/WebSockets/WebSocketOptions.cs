namespace Starling.Server.Transports.WebSockets;

/// <summary>Limits of the WebSockets that a <see cref="WebSocketAcceptor"/> accepts.</summary>
public sealed record WebSocketOptions
{
    /// <summary>The most bytes of one incoming message; a larger one is answered with close code 1009. 1 MB by default.</summary>
    public int MaxMessageBytes { get; init; } = 1_000_000;

    /// <summary>
    /// The most bytes that wait for a client that does not read, beyond what the connection itself holds: at most 64 KiB and one message.
    /// One message that is larger than this limit may wait in addition. While more than half of it waits, the client is not read. 1 MB by
    /// default.
    /// </summary>
    public int MaxSendQueueBytes { get; init; } = 1_000_000;

    /// <summary>
    /// How often the client is pinged; one from which nothing came for a whole interval after a ping is cut off. 25 seconds by default;
    /// <see cref="TimeSpan.Zero"/> for never.
    /// </summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(25);
}
