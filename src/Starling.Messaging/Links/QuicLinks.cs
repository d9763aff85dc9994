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
        tls.ApplicationProtocols = [Protocol];
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
                    ServerAuthenticationOptions = tls,
                }),
            },
            cancellationToken);
        return new Listener(listener, address.WithPort(listener.LocalEndPoint.Port));
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
            stream.CompleteWrites();
            await connection.CloseAsync(NoError);
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
