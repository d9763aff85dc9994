using System.Net;
using System.Net.Sockets;
using Starling.Supervisor.Keeping;

namespace Starling.Supervisor.Sockets;

/// <summary>The listening sockets of all applications, by address. Owned by the supervisor; safe for use by several threads.</summary>
internal sealed class SharedSockets(IDescriptorStore store)
{
    private const string StorePrefix = "listen:";
    private const int Backlog = 4096;

    private readonly Dictionary<string, SharedSocket> _sockets = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Opens the socket of an address, or takes part in the one that is open. <see cref="ReleaseAsync"/> ends the part.</summary>
    /// <param name="key">What tells it from others: two applications that name one address share its socket.</param>
    /// <param name="address">Where.</param>
    /// <param name="cancellationToken">Ends the wait for the keeper.</param>
    /// <exception cref="SocketException">The address is in use, or may not be used.</exception>
    public async ValueTask<SharedSocket> AcquireAsync(string key, ListenAddress address, CancellationToken cancellationToken)
    {
        SharedSocket? shared;
        lock (_lock)
        {
            if (_sockets.TryGetValue(key, out shared))
            {
                shared.Users++;
                return shared;
            }

            shared = new SharedSocket(key, Open(address)) { Users = 1 };
            _sockets[key] = shared;
        }

        await store.StoreAsync(StorePrefix + key, shared.Handle, cancellationToken);
        return shared;
    }

    public async ValueTask ReleaseAsync(SharedSocket shared)
    {
        lock (_lock)
        {
            if (--shared.Users > 0)
            {
                return;
            }

            _sockets.Remove(shared.Key);
            shared.Dispose();
        }

        await store.RemoveAsync(StorePrefix + shared.Key);
    }

    /// <summary>Takes back the sockets that a former supervisor opened. They are used by nobody yet.</summary>
    public void Adopt(IDictionary<string, Microsoft.Win32.SafeHandles.SafeFileHandle> kept)
    {
        foreach (var name in kept.Keys.Where(name => name.StartsWith(StorePrefix, StringComparison.Ordinal)).ToArray())
        {
            kept.Remove(name, out var handle);
            var key = name[StorePrefix.Length..];
            _sockets[key] = SharedSocket.Attach(key, handle!);
        }
    }

    /// <summary>Closes what was adopted and is used by nobody.</summary>
    public async ValueTask CloseUnusedAsync()
    {
        foreach (var shared in _sockets.Values.Where(shared => shared.Users == 0).ToArray())
        {
            shared.Users = 1;
            await ReleaseAsync(shared);
        }
    }

    private static Socket Open(ListenAddress address)
    {
        var family = address.EndPoint.AddressFamily;
        var socket = new Socket(family, SocketType.Stream, family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (address.EndPoint is UnixDomainSocketEndPoint unix)
            {
                RemoveStale(unix);
            }
            else if (address.EndPoint is IPEndPoint { Address: var ip } && ip.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(address.EndPoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The file of a Unix socket outlives a process that was killed. Behind a stale one nobody accepts.</summary>
    private static void RemoveStale(UnixDomainSocketEndPoint unix)
    {
        var path = unix.ToString();
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(unix);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }
}
