using Starling.Protocol;

namespace Starling.Cluster;

/// <summary>Settings of a cluster of processes on one machine.</summary>
public sealed class LocalClusterOptions
{
    /// <summary>
    /// Folder in which the nodes find each other; it is the cluster. Made, for its owner only, where it is missing. Null for a node that is
    /// alone. Default: the environment variable <c>STARLING_CLUSTER</c>. Its path may have 80 bytes or so: the system allows 107 for a socket.
    /// </summary>
    public string? Folder { get; set; }

    /// <summary>Largest message between nodes, in bytes of its encoded form; 16 MiB unless set. Must be the same on all nodes.</summary>
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Bytes that may wait for one other node, and in one topic for its handlers; 64 MiB unless set. A node for which more would have to wait is
    /// cut off until it reads again; what one topic cannot take is dropped. Both are logged and counted.
    /// </summary>
    public int MaxQueuedBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long another node may take to answer before it is waited for no more: when this one joins, subscribes or leaves; 2 s unless set.</summary>
    public TimeSpan PeerTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the folder is searched for nodes that were missed or whose link was lost; 1 s unless set.</summary>
    public TimeSpan SearchInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <exception cref="ArgumentException">A setting cannot be.</exception>
    internal void Check()
    {
        if (MaxMessageBytes < 1024)
        {
            throw new ArgumentException($"{nameof(MaxMessageBytes)} is {MaxMessageBytes}; it must be at least 1024.");
        }

        if (MaxQueuedBytes < MaxMessageBytes)
        {
            throw new ArgumentException(
                $"{nameof(MaxQueuedBytes)} ({MaxQueuedBytes}) must not be less than {nameof(MaxMessageBytes)} ({MaxMessageBytes}).");
        }

        if (!TimerLimits.IsPositive(PeerTimeout) || !TimerLimits.IsPositive(SearchInterval))
        {
            throw new ArgumentException(
                $"{nameof(PeerTimeout)} is {PeerTimeout} and {nameof(SearchInterval)} is {SearchInterval}; both must be more than zero and at most {TimerLimits.Longest.Days} days.");
        }
    }
}
