using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Runtime.Versioning;

namespace Starling.Messaging.Links;

/// <summary>Links over QUIC: one connection with one stream each. RFC 9000.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("windows")]
[SupportedOSPlatform("macos")]
internal static class QuicLinks
{
    private const long NoError = 0;
    private static readonly SslApplicationProtocol Protocol = new("starling-rpc");

    /// <exception cref="PlatformNotSupportedException">This machine cannot speak QUIC; the message says what it lacks.</exception>
    public static async Task<Link> ConnectAsync(LinkAddress address, SslClientAuthenticationOptions? tls, CancellationToken cancellationToken)
    {
        Require();
        var authentication = SocketLinks.ForHost(tls, address.Name);
        authentication.ApplicationProtocols = [Protocol];
        var connection = await QuicConnection.ConnectAsync(
            new QuicClientConnectionOptions
            {
                RemoteEndPoint = new DnsEndPoint(address.Name, address.Port),
                DefaultStreamErrorCode = NoError,
                DefaultCloseErrorCode = NoError,
                ClientAuthenticationOptions = authentication,
            },
            cancellationToken);
        try
        {
            return Over(connection, await connection.OpenOutboundStreamAsync(QuicStreamType.Bidirectional, cancellationToken), address.ToString());
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="ConnectAsync" path="/exception"/>
    public static async Task<ILinkListener> ListenAsync(LinkAddress address, SslServerAuthenticationOptions tls, CancellationToken cancellationToken)
    {
        Require();
        var authentication = ForClients(tls);
        var ip = IPAddress.TryParse(address.Name, out var literal) ? literal : (await Dns.GetHostAddressesAsync(address.Name, cancellationToken))[0];
        var listener = await QuicListener.ListenAsync(
            new QuicListenerOptions
            {
                ListenEndPoint = new IPEndPoint(ip, address.Port),
                ApplicationProtocols = [Protocol],
                ConnectionOptionsCallback = (_, _, _) => ValueTask.FromResult(new QuicServerConnectionOptions
                {
                    DefaultStreamErrorCode = NoError,
                    DefaultCloseErrorCode = NoError,
                    MaxInboundBidirectionalStreams = 1,
                    MaxInboundUnidirectionalStreams = 0,
                    ServerAuthenticationOptions = authentication,
                }),
            },
            cancellationToken);
        return new Listener(listener, address.WithPort(listener.LocalEndPoint.Port));
    }

    /// <summary>
    /// The server's settings for QUIC; the given ones stay as they are. A client's certificate names nobody's host: .NET compares it with none and calls that a
    /// mismatch, over QUIC only.
    /// </summary>
    private static SslServerAuthenticationOptions ForClients(SslServerAuthenticationOptions tls)
    {
        var given = tls.RemoteCertificateValidationCallback;
        return new SslServerAuthenticationOptions
        {
            AllowRenegotiation = tls.AllowRenegotiation,
            AllowTlsResume = tls.AllowTlsResume,
            ApplicationProtocols = [Protocol],
            CertificateChainPolicy = tls.CertificateChainPolicy,
            CertificateRevocationCheckMode = tls.CertificateRevocationCheckMode,
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            ClientCertificateRequired = tls.ClientCertificateRequired,
            EnabledSslProtocols = tls.EnabledSslProtocols,
            EncryptionPolicy = tls.EncryptionPolicy,
            RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
            {
                errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
                return given?.Invoke(sender, certificate, chain, errors) ?? errors == SslPolicyErrors.None;
            },
            ServerCertificate = tls.ServerCertificate,
            ServerCertificateContext = tls.ServerCertificateContext,
            ServerCertificateSelectionCallback = tls.ServerCertificateSelectionCallback,
        };
    }

    private static void Require()
    {
        if (!QuicListener.IsSupported)
        {
            throw new PlatformNotSupportedException(
                "QUIC needs the library libmsquic, which this machine lacks. On Linux it comes with the package libmsquic of Microsoft's package feed; "
                + "Windows 11 and Windows Server 2022 have it. Without it use tls:// instead.");
        }
    }

    private static Link Over(QuicConnection connection, QuicStream stream, string remote) => Link.Over(
        stream, stream, remote,
        async () =>
        {
            try
            {
                stream.CompleteWrites();
                await connection.CloseAsync(NoError);
            }
            catch (ObjectDisposedException)
            {
                // The peer's end came first, and the link has been aborted meanwhile.
            }

            await connection.DisposeAsync();
        },
        () =>
        {
            stream.Abort(QuicAbortDirection.Both, NoError);
            _ = connection.DisposeAsync().AsTask();
        });

    private sealed class Listener(QuicListener listener, LinkAddress address) : ILinkListener
    {
        public LinkAddress Address { get; } = address;

        public async Task<Func<CancellationToken, Task<Link>>?> AcceptAsync()
        {
            try
            {
                var connection = await listener.AcceptConnectionAsync();
                return async cancellationToken =>
                    Over(connection, await connection.AcceptInboundStreamAsync(cancellationToken), $"quic://{connection.RemoteEndPoint}");
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        }

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}
