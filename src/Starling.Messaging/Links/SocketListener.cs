using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Starling.Messaging.Links;

/// <summary>Listens on a TCP or Unix socket, with TLS where asked for.</summary>
internal sealed class SocketListener : ILinkListener
{
    private readonly Socket _socket;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly Action _onDisposed;
    private readonly IDisposable? _owned;

    private SocketListener(Socket socket, LinkAddress address, SslServerAuthenticationOptions? tls, Action onDisposed, IDisposable? owned = null)
    {
        _owned = owned;
        _socket = socket;
        _tls = tls;
        _onDisposed = onDisposed;
        Address = address;
    }

    public LinkAddress Address { get; }

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<SocketListener> ListenTcpAsync(LinkAddress address, SslServerAuthenticationOptions? tls, CancellationToken cancellationToken)
    {
        var ip = await ResolveAsync(address, cancellationToken);
        var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (ip.Equals(IPAddress.IPv6Any))
            {
                // All addresses, as with other servers, and not only those of one family.
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(ip, address.Port));
            socket.Listen(512);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"{address} cannot be listened on: {e.Message}", e);
        }

        return new SocketListener(socket, address.WithPort(((IPEndPoint)socket.LocalEndPoint!).Port), tls, static () => { });
    }

    /// <param name="socket">The socket.</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="onDisposed">Called before the socket is closed.</param>
    /// <param name="owned">Disposed when the socket is closed.</param>
    public static SocketListener OverUnix(Socket socket, LinkAddress address, Action onDisposed, IDisposable owned) => new(socket, address, null, onDisposed, owned);

    public async Task<Func<CancellationToken, Task<Link>>?> AcceptAsync()
    {
        Socket socket;
        try
        {
            socket = await _socket.AcceptAsync();
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.InvalidArgument })
        {
            return null;
        }

        return cancellationToken => OpenAsync(socket, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _onDisposed();

        // .NET removes the file of a Unix socket as well. A successor, which waits for the lock, has none there yet.
        _socket.Dispose();
        _owned?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<IPAddress> ResolveAsync(LinkAddress address, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(address.Name, out var literal))
        {
            return literal;
        }

        try
        {
            var all = await Dns.GetHostAddressesAsync(address.Name, cancellationToken);
            return all is [var first, ..] ? first : throw new IOException($"{address} cannot be listened on: {address.Name} has no address.");
        }
        catch (SocketException e)
        {
            throw new IOException($"{address} cannot be listened on: {address.Name} has no address: {e.Message}", e);
        }
    }

    private async Task<Link> OpenAsync(Socket socket, CancellationToken cancellationToken)
    {
        var remote = SocketLinks.Describe(Address, socket);
        var stream = SocketLinks.StreamOf(socket, isPolled: _tls is null);
        if (_tls is null)
        {
            return Link.Over(stream, remote);
        }

        var secure = new SslStream(stream);
        try
        {
            await secure.AuthenticateAsServerAsync(_tls, cancellationToken);
            return Link.Over(secure, remote);
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }
}
