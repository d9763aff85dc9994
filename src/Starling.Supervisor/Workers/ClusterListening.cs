using System.Globalization;
using Starling.Messaging.NodeIpc.Cluster;
using Starling.Supervisor.Sockets;

namespace Starling.Supervisor.Workers;

/// <summary>
/// The sockets that the workers of an application ask for by Node's <c>cluster</c> module: opened when the first one asks, and kept while others come and go.
/// Owned by the application's group. Safe for use by several threads.
/// </summary>
internal sealed class ClusterListening
{
    private readonly SharedSockets _sockets;
    private readonly string _prefix;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, SharedSocket> _held = new(StringComparer.Ordinal);

    public ClusterListening(SharedSockets sockets, string app)
    {
        (_sockets, _prefix) = (sockets, $"cluster:{app}:");
        Primary = new ClusterPrimary(async (address, cancellationToken) => (await AcquireAsync(address, cancellationToken)).Handle);
    }

    /// <summary>What Node's module takes for its primary.</summary>
    public ClusterPrimary Primary { get; }

    public IEnumerable<SharedSocket> Held => _held.Values;

    /// <summary>Takes over the sockets that a former supervisor opened.</summary>
    public void Adopt()
    {
        foreach (var socket in _sockets.Claim(_prefix))
        {
            _held[socket.Key] = socket;
        }
    }

    public async Task ReleaseAsync()
    {
        using var turn = await Turn.EnterAsync(_turn, CancellationToken.None);
        foreach (var socket in _held.Values)
        {
            await _sockets.ReleaseAsync(socket);
        }

        _held.Clear();
    }

    private async ValueTask<SharedSocket> AcquireAsync(ClusterAddress address, CancellationToken cancellationToken)
    {
        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        var key = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{address.Kind}:{address.Host}:{address.Port}:{address.Index}:{address.Flags}");
        if (!_held.TryGetValue(key, out var socket))
        {
            _held[key] = socket = await _sockets.AcquireAsync(key, () => ClusterSockets.Open(address), cancellationToken);
        }

        return socket;
    }
}
