namespace Starling.Server.Transports.WebSockets;

/// <summary>Settings of the WebSockets that a <see cref="WebSocketAcceptor"/> accepts.</summary>
public sealed record WebSocketAcceptorOptions
{
    /// <summary>The most bytes of one incoming message; a larger one is answered with close code 1009. 1 MB by default.</summary>
    public int MaxMessageBytes { get; init; } = 1_000_000;

    /// <summary>
    /// How many bytes at the beginning of a message that is too large are given to <see cref="IWebSocketHandler.OnOversizedAsync"/>; the rest is
    /// read and thrown away, and the connection goes on. 0, the default, to close the connection instead.
    /// </summary>
    public int OversizedHeadBytes { get; init; }

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

    /// <summary>
    /// The subprotocols that the server speaks. The connection uses the first of the client's list that is in this one; if there is none, it
    /// is accepted without a subprotocol, which browsers and <c>ws</c> take as a failure. Empty by default.
    /// </summary>
    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>Whether messages are compressed (permessage-deflate, RFC 7692) for clients that offer it. Costs CPU. Default false.</summary>
    public bool Compression { get; init; }

    /// <summary>Messages of fewer bytes are sent uncompressed. 1,024 by default.</summary>
    public int CompressionThreshold { get; init; } = 1024;

    /// <summary>The same settings.</summary>
    /// <exception cref="ArgumentException">One of them cannot work; the message says which and why.</exception>
    internal WebSocketAcceptorOptions Checked()
    {
        Require(MaxMessageBytes > 0, $"{nameof(MaxMessageBytes)} is {MaxMessageBytes}; it must be at least 1.");
        Require(OversizedHeadBytes >= 0, $"{nameof(OversizedHeadBytes)} is {OversizedHeadBytes}; it must not be negative.");
        Require(MaxSendQueueBytes > 0, $"{nameof(MaxSendQueueBytes)} is {MaxSendQueueBytes}; it must be at least 1.");
        Require(
            PingInterval >= TimeSpan.Zero && PingInterval <= TimeSpan.FromDays(1),
            $"{nameof(PingInterval)} is {PingInterval}; it must be at most a day, or zero for no pings.");
        Require(CompressionThreshold >= 0, $"{nameof(CompressionThreshold)} is {CompressionThreshold}; it must not be negative.");
        foreach (var name in Subprotocols)
        {
            WebSocketSubprotocols.Check(name);
        }

        return this;
    }

    private static void Require(bool isValid, string error)
    {
        if (!isValid)
        {
            throw new ArgumentException($"{nameof(WebSocketAcceptorOptions)}.{error}");
        }
    }
}
