namespace Starling.Server.Transports.WebSockets;

/// <summary>Settings of <c>UseLeanWebSockets</c>.</summary>
public sealed class LeanWebSocketOptions
{
    /// <summary>
    /// Whether, once many clients have connected and the process has become quiet, the garbage that their handshakes have left is collected
    /// and its memory given back to the system. An idle process would otherwise keep several kilobytes for each connection until it
    /// next needs memory. Default true.
    /// </summary>
    public bool CollectWhenQuiet { get; set; } = true;

    /// <summary>
    /// The largest heap, in bytes, that is compacted in doing so, which stops the process for about 2 ms a megabyte in use. The garbage of
    /// a larger one is collected in the background, and less memory given back. Default 128 MiB, some 40,000 connections.
    /// </summary>
    public long LargestHeapToCompact { get; set; } = 128L * 1024 * 1024;
}
