namespace Starling.Server.Sockets;

/// <summary>
/// Settings of connection state recovery: a client that lost its connection for a short time gets the same socket id, rooms and data back,
/// and every event that it missed, once and in order.
/// </summary>
/// <remarks>
/// With a backplane the client may come back to any node, and a node that stops gives the sockets of clients that are still away to another
/// one. All nodes need recovery on. <see cref="Socket.Data"/> goes with the socket as JSON: at the same node an application finds its
/// objects as it left them, at another one strings, booleans and null as such and everything else as
/// <see cref="System.Text.Json.JsonElement"/>; what cannot be serialised is left behind and logged. Events that are volatile or that want an
/// acknowledgement are not kept, and those that the client sent belong to the node that got them. A node that crashes takes with it the
/// sockets of its clients, which then join as new ones.
/// </remarks>
public sealed class ConnectionStateRecoveryOptions
{
    /// <summary>
    /// How long a lost socket and the packets since then are kept, at whatever node; packets are kept longer by ping interval and
    /// ping timeout, the time in which a loss is noticed. Default 2 minutes.
    /// </summary>
    public TimeSpan MaxDisconnectionDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether a recovered socket joins without passing the middleware again. Default true.</summary>
    public bool SkipMiddlewares { get; set; } = true;

    /// <summary>
    /// The most bytes of packets kept per namespace, and once more for what nodes that have stopped gave to this one; the oldest are dropped
    /// first. Default 64 MiB.
    /// </summary>
    public long MaxStoredBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>
    /// The most lost sockets that are kept, in all namespaces of the server; for a further one the oldest of its namespace is forgotten,
    /// whose client joins as a new one. Default 100,000.
    /// </summary>
    public int MaxLostSockets { get; set; } = 100_000;

    /// <summary>
    /// The most namespaces of dynamic names that are kept although they are empty, because clients of theirs may come back; further ones
    /// are removed at once, and their clients join as new ones. Default 1,000.
    /// </summary>
    public int MaxEmptyNamespaces { get; set; } = 1_000;

    // Made with the first log, after the settings are complete, and shared by all of the server.
    internal Recovery.LostSocketLimit LostSockets => field ??= new(MaxLostSockets);
}
