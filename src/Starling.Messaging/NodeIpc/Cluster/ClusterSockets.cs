using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Starling.Messaging.NodeIpc.Cluster;

/// <summary>
/// Opens the sockets that workers ask for and keeps them until it is disposed, whatever workers come and go. Owner: whoever owns the
/// workers. Thread-safe.
/// </summary>
public sealed class ClusterSockets : IDisposable
{
    private const int Backlog = 511;
    private const int IPv6OnlyFlag = 1;

    private readonly Lock _gate = new();
    private readonly Dictionary<ClusterAddress, Socket> _sockets = [];

    /// <summary>Opens a socket, or gives the open one. A file left by a Unix socket on which nobody listens is not removed.</summary>
    /// <exception cref="SocketException">The address is in use, not allowed, or not of this machine.</exception>
    /// <exception cref="NotSupportedException">A descriptor of the primary is asked for.</exception>
    public ValueTask<SafeHandle> OpenAsync(ClusterAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        lock (_gate)
        {
            if (!_sockets.TryGetValue(address, out var socket))
            {
                _sockets.Add(address, socket = Open(address));
            }

            return new ValueTask<SafeHandle>(socket.SafeHandle);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (address, socket) in _sockets)
            {
                socket.Dispose();
                if (address is { Kind: ClusterAddressKind.Unix, Host: { } path })
                {
                    File.Delete(path);
                }
            }

            _sockets.Clear();
        }
    }

    /// <summary>Opens a socket for an address; it is the caller's.</summary>
    /// <inheritdoc cref="OpenAsync" path="/exception"/>
    public static Socket Open(ClusterAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Descriptor >= 0)
        {
            throw new NotSupportedException("A worker can listen only on addresses here, not on the number of a descriptor of its primary.");
        }

        if (address.Kind == ClusterAddressKind.Unix)
        {
            return Open(new UnixDomainSocketEndPoint(address.Host ?? throw new ArgumentException("There is no path.")), address);
        }

        if (address.Host is not null)
        {
            return IPAddress.TryParse(address.Host, out var host)
                ? Open(new IPEndPoint(host, address.Port), address)
                : throw new SocketException((int)SocketError.AddressNotAvailable);
        }

        if (address.Kind == ClusterAddressKind.Udp4)
        {
            return Open(new IPEndPoint(IPAddress.Any, address.Port), address);
        }

        try
        {
            return Open(new IPEndPoint(IPAddress.IPv6Any, address.Port), address);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressFamilyNotSupported
            or SocketError.AddressNotAvailable or SocketError.ProtocolNotSupported)
        {
            // A machine without IPv6.
            return Open(new IPEndPoint(IPAddress.Any, address.Port), address);
        }
    }

    private static Socket Open(EndPoint point, ClusterAddress address)
    {
        var socket = new Socket(
            point.AddressFamily,
            address.IsDatagram ? SocketType.Dgram : SocketType.Stream,
            address.Kind == ClusterAddressKind.Unix ? ProtocolType.Unspecified : address.IsDatagram ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            if (point.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = (address.Flags & IPv6OnlyFlag) == 0;
            }

            socket.Bind(point);
            if (!address.IsDatagram)
            {
                socket.Listen(Backlog);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
