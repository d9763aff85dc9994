using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Starling.Messaging.Links.Polling;

namespace Starling.Messaging.Links;

/// <summary>Connects TCP, TLS and Unix sockets.</summary>
internal static class SocketLinks
{
    public static async Task<Link> ConnectAsync(LinkAddress address, SslClientAuthenticationOptions? tls, CancellationToken cancellationToken)
    {
        if (address.Scheme == LinkScheme.Tcp && OperatingSystem.IsLinux() && Poller.OfThisProcess is not null)
        {
            return Link.Over(await PolledConnection.ConnectAsync(address.Name, address.Port, cancellationToken), address.ToString());
        }

        var socket = address.Scheme == LinkScheme.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        Stream? stream = null;
        try
        {
            EndPoint endPoint = address.Scheme == LinkScheme.Unix
                ? new UnixDomainSocketEndPoint(address.Name)
                : new DnsEndPoint(address.Name, address.Port);
            await socket.ConnectAsync(endPoint, cancellationToken);
            stream = StreamOf(socket, isPolled: address.Scheme != LinkScheme.Tls);
            if (address.Scheme == LinkScheme.Tls)
            {
                var secure = new SslStream(stream);
                stream = secure;
                await secure.AuthenticateAsClientAsync(ForHost(tls, address.Name), cancellationToken);
            }

            return Link.Over(stream, address.ToString());
        }
        catch
        {
            await (stream?.DisposeAsync() ?? ValueTask.CompletedTask);
            socket.Dispose();
            throw;
        }
    }

    /// <param name="socket">The socket, from now on the stream's.</param>
    /// <param name="isPolled">Whether reads may go on on the thread that found the bytes; what TLS does between its own reads is not for that.</param>
    public static Stream StreamOf(Socket socket, bool isPolled)
    {
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            socket.NoDelay = true;
        }

        return isPolled && OperatingSystem.IsLinux() ? PolledStream.Over(socket) : new NetworkStream(socket, ownsSocket: true);
    }

    public static string Describe(LinkAddress address, Socket socket) =>
        address.Scheme == LinkScheme.Unix ? address.ToString() : $"{address.Scheme.ToString().ToLowerInvariant()}://{socket.RemoteEndPoint}";

    /// <summary>The settings for one host; the given ones may serve for many and stay as they are.</summary>
    public static SslClientAuthenticationOptions ForHost(SslClientAuthenticationOptions? tls, string host) => tls is null
        ? new SslClientAuthenticationOptions { TargetHost = host }
        : new SslClientAuthenticationOptions
        {
            TargetHost = tls.TargetHost ?? host,
            AllowRenegotiation = tls.AllowRenegotiation,
            AllowTlsResume = tls.AllowTlsResume,
            ApplicationProtocols = tls.ApplicationProtocols,
            CertificateChainPolicy = tls.CertificateChainPolicy,
            CertificateRevocationCheckMode = tls.CertificateRevocationCheckMode,
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            ClientCertificateContext = tls.ClientCertificateContext,
            ClientCertificates = tls.ClientCertificates,
            EnabledSslProtocols = tls.EnabledSslProtocols,
            EncryptionPolicy = tls.EncryptionPolicy,
            LocalCertificateSelectionCallback = tls.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
        };
}
