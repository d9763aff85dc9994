using System.Runtime.InteropServices;
using System.Text.Json;

namespace Starling.Messaging.NodeIpc.Cluster;

/// <summary>
/// What the <c>cluster</c> module of Node.js expects of the process that started its workers: it lets unmodified scripts listen on sockets
/// that all workers share (the module's <c>SCHED_NONE</c>), or hands them connections one at a time (<c>SCHED_RR</c>).
/// </summary>
/// <remarks>
/// A process is such a worker when it was started with a channel and the variable <see cref="UniqueIdVariable"/>. Owner: whoever starts the
/// workers; one for each group of workers that share. Thread-safe.
/// </remarks>
/// <param name="open">
/// Gives the socket for an address: the same one whenever the address is equal. The socket stays its own; see <see cref="ClusterSockets"/>.
/// An exception is what the worker's <c>listen</c> fails with: <see cref="System.Net.Sockets.SocketException"/> as its error, others as
/// <c>EINVAL</c>.
/// </param>
public sealed class ClusterPrimary(Func<ClusterAddress, CancellationToken, ValueTask<SafeHandle>> open)
{
    /// <summary>The environment variable that makes a Node.js process a worker: the worker's number, from 1.</summary>
    public const string UniqueIdVariable = "NODE_UNIQUE_ID";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonElement> _data = [];

    /// <summary>
    /// Whether connections are accepted here and handed out by <see cref="ClusterWorker.OfferAsync"/>, instead of by the workers.
    /// UDP sockets are shared in any case.
    /// </summary>
    public bool HandsOutConnections { get; init; }

    /// <summary>Serves a worker. To be called before the channel is started, lest the worker's first words are lost.</summary>
    public ClusterWorker Attach(NodeChannel channel, int id)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new ClusterWorker(this, channel, id);
    }

    internal ValueTask<SafeHandle> OpenAsync(ClusterAddress address, CancellationToken cancellationToken) => open(address, cancellationToken);

    /// <summary>Data that the first worker gives for all, such as the keys of TLS tickets.</summary>
    internal JsonElement Share(string key, JsonElement data)
    {
        lock (_gate)
        {
            if (data.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            {
                return _data.GetValueOrDefault(key);
            }

            return _data.TryAdd(key, data) ? data : _data[key];
        }
    }
}
