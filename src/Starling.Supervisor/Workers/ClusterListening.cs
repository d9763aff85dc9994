using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Starling.Messaging.NodeIpc.Cluster;
using Starling.Supervisor.Sockets;

namespace Starling.Supervisor.Workers;

/// <summary>
/// The sockets that the workers of an application ask for by Node's <c>cluster</c> module: those that the application listens on anyway, or others, opened when
/// the first worker asks and kept while workers come and go. Owned by the application's group. Safe for use by several threads.
/// </summary>
internal sealed class ClusterListening
{
    private readonly SharedSockets _sockets;
    private readonly string _prefix;
    private readonly Func<IReadOnlyList<SharedSocket>> _passed;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, SharedSocket> _held = new(StringComparer.Ordinal);

    /// <param name="sockets">Where sockets are opened.</param>
    /// <param name="app">Name of the application.</param>
    /// <param name="passed">The sockets that its processes inherit, in the order of their descriptors.</param>
    public ClusterListening(SharedSockets sockets, string app, Func<IReadOnlyList<SharedSocket>> passed)
    {
        (_sockets, _prefix, _passed) = (sockets, $"cluster:{app}:", passed);
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
        if (Passed(address) is { } passed)
        {
            return passed;
        }

        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        var key = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{address.Kind}:{address.Host}:{address.Port}:{address.Index}:{address.Flags}");
        if (!_held.TryGetValue(key, out var socket))
        {
            _held[key] = socket = await _sockets.AcquireAsync(key, () => ClusterSockets.Open(address), cancellationToken);
        }

        return socket;
    }

    /// <summary>
    /// The module sends all that a script listens on to its primary, also a descriptor that the process has (in Node it would mean one of the primary), and an
    /// address of the application's own, which could not be opened a second time.
    /// </summary>
    private SharedSocket? Passed(ClusterAddress address)
    {
        var sockets = _passed();
        return address.Descriptor >= 0
            ? sockets.ElementAtOrDefault(address.Descriptor - WorkerLauncher.FirstDescriptor)
            : address is { IsDatagram: false, Index: 0 } ? sockets.FirstOrDefault(socket => IsAt(socket.EndPoint, address)) : null;
    }

    private static bool IsAt(EndPoint point, ClusterAddress address) => point switch
    {
        UnixDomainSocketEndPoint => address.Kind == ClusterAddressKind.Unix && point.ToString() == address.Host,
        IPEndPoint ip => address.Kind == ClusterAddressKind.Tcp && ip.Port == address.Port
            && (address.Host is null ? IsAny(ip.Address) : IPAddress.TryParse(address.Host, out var host) && (host.Equals(ip.Address) || (IsAny(host) && IsAny(ip.Address)))),
        _ => false,
    };

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
