namespace Starling.Server.Transports.WebSockets;

/// <summary>Limits of the WebSockets that a <see cref="WebSocketAcceptor"/> accepts.</summary>
public sealed record WebSocketOptions
{
    /// <summary>The most bytes of one incoming message; a larger one is answered with close code 1009. 1 MB by default.</summary>
    public int MaxMessageBytes { get; init; } = 1_000_000;

    /// <summary>
    /// How many bytes at the beginning of a message that is too large are given to <see cref="IWebSocketHandler.OnOversizedAsync"/>; the rest is
    /// read and thrown away, and the connection goes on. 0, the default, to close the connection instead.
    /// </summary>
    public int OversizedHeadBytes { get; init; }

    /// <summary>The most bytes that wait for a client that does not read, beyond what the connection itself holds. 1 MB by default.</summary>
    public int MaxSendQueueBytes { get; init; } = 1_000_000;

    /// <summary>
    /// How often the client is pinged; one from which nothing came for a whole interval after a ping is cut off. 25 seconds by default;
    /// <see cref="TimeSpan.Zero"/> for never.
    /// </summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(25);
}
