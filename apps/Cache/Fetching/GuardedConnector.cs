using System.Net;
using System.Net.Sockets;

namespace Starling.Apps.Cache.Fetching;

/// <summary>
/// Connects to sources. A name is looked up once, its addresses are checked, and the connection goes to one that was checked: between
/// the check and the use there is no second look-up that could answer otherwise.
/// </summary>
internal sealed class GuardedConnector(Func<IPAddress, bool> isAllowed, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>As <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="CacheException">The name is not known, or no address of it may be used.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        // An IPv4 address within IPv6 is reached by IPv4 only.
        var addresses = Array.ConvertAll(
            await LookUpAsync(host, cancellationToken), address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        var allowed = Array.FindAll(addresses, address => isAllowed(address));
        if (allowed.Length == 0)
        {
            var where = string.Join(", ", addresses.Select(address => address.ToString()));
            throw new CacheException(
                CacheError.PrivateAddress, $"{host} is at {where}, which is not public; such sources are fetched with --allow-private only.");
        }

        for (var i = 0; ; i++)
        {
            var socket = new Socket(allowed[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(allowed[i], port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e)
            {
                socket.Dispose();
                if (e is not SocketException || i == allowed.Length - 1)
                {
                    throw;
                }
            }
        }
    }

    private async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }

        try
        {
            var addresses = await resolve(host, cancellationToken);
            return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (SocketException e)
        {
            throw new CacheException(CacheError.UnknownHost, $"The host {host} is not known: {e.Message}", e);
        }
    }
}
