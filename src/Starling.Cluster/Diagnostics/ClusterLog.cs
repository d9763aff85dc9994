using Microsoft.Extensions.Logging;

namespace Starling.Cluster.Diagnostics;

/// <summary>Everything that a local cluster logs. Numbers are never used twice.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(401, LogLevel.Information, "Node {Node} of the cluster in {Folder}; {Peers} others are there.")]
    public static partial void Joined(this ILogger logger, string node, string folder, int peers);

    [LoggerMessage(402, LogLevel.Information, "Node {Peer} is there.")]
    public static partial void PeerJoined(this ILogger logger, string peer);

    [LoggerMessage(403, LogLevel.Information, "Node {Peer} is gone.")]
    public static partial void PeerLeft(this ILogger logger, string peer);

    [LoggerMessage(404, LogLevel.Warning, "Node {Peer} does not read: more than {Limit} bytes would wait for it. Its link is cut, what waited is lost; it comes back when it reads again.")]
    public static partial void PeerTooSlow(this ILogger logger, string peer, int limit);

    [LoggerMessage(405, LogLevel.Warning, "Node {Peer} has not answered within {Timeout}; it is not waited for.")]
    public static partial void PeerSilent(this ILogger logger, string peer, TimeSpan timeout);

    [LoggerMessage(406, LogLevel.Error, "The link to node {Peer} ends, since what came over it cannot be: {Reason}.")]
    public static partial void PeerGarbled(this ILogger logger, string peer, string reason);

    [LoggerMessage(407, LogLevel.Error, "Node {Peer} is refused: {Reason}. Processes of one cluster must have the same version of Starling.")]
    public static partial void PeerVersion(this ILogger logger, string peer, string reason);

    [LoggerMessage(408, LogLevel.Warning, "A message of kind {Kind} from node {Peer} is unknown here and is dropped. Processes of one cluster should have the same version of Starling.")]
    public static partial void KindUnknown(this ILogger logger, byte kind, string peer);

    [LoggerMessage(409, LogLevel.Information, "Removed {Socket}, which a process left behind that is gone.")]
    public static partial void StaleRemoved(this ILogger logger, string socket);

    [LoggerMessage(410, LogLevel.Warning, "{Socket} cannot be removed, though nobody listens there any more.")]
    public static partial void StaleKept(this ILogger logger, string socket, Exception exception);

    [LoggerMessage(411, LogLevel.Warning, "The socket of this node in {Folder} was removed by somebody; it is made anew.")]
    public static partial void SocketMissing(this ILogger logger, string folder);

    [LoggerMessage(412, LogLevel.Warning, "The cluster's folder {Folder} cannot be searched.")]
    public static partial void SearchFailed(this ILogger logger, string folder, Exception exception);

    [LoggerMessage(413, LogLevel.Error, "A handler of topic {Topic} failed.")]
    public static partial void HandlerFailed(this ILogger logger, string topic, Exception exception);

    [LoggerMessage(414, LogLevel.Warning, "Handlers of topic {Topic} are too slow: more than {Limit} bytes would wait for them. Messages are dropped until they have caught up.")]
    public static partial void TopicTooSlow(this ILogger logger, string topic, int limit);

    [LoggerMessage(415, LogLevel.Debug, "Node {Peer} cannot be connected to.")]
    public static partial void NotConnected(this ILogger logger, string peer, Exception exception);

    [LoggerMessage(416, LogLevel.Warning, "Accepting other nodes failed; it is tried again.")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception);
}
