using System.IO.Pipes;
using Microsoft.Extensions.Logging;

namespace Starling.Messaging.Links;

/// <summary>Finds what an address asks for. Links inside the process are not made here: they may need no bytes at all.</summary>
internal static class LinkFactory
{
    private const string NoQuicHere = "QUIC is there on Linux, Windows and macOS only; use tls:// instead.";

    public static async Task<Link> ConnectAsync(LinkAddress address, MessagingOptions options, CancellationToken cancellationToken)
    {
        switch (address.Scheme)
        {
            case LinkScheme.Unix or LinkScheme.Tcp or LinkScheme.Tls:
                return await SocketLinks.ConnectAsync(address, options.ClientTls, cancellationToken);
            case LinkScheme.Pipe:
                var pipe = new NamedPipeClientStream(".", address.Name, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
                await pipe.ConnectAsync(cancellationToken);
                return Link.Over(pipe, address.ToString());
            case LinkScheme.StandardStreams:
                return StandardStreams.Open();
            default:
                if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
                {
                    return await QuicLinks.ConnectAsync(address, options.ClientTls, cancellationToken);
                }

                throw new PlatformNotSupportedException(NoQuicHere);
        }
    }

    public static async Task<ILinkListener> ListenAsync(LinkAddress address, MessagingOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        switch (address.Scheme)
        {
            case LinkScheme.Unix:
                return await UnixSocket.ListenAsync(address, logger, cancellationToken);
            case LinkScheme.Tcp:
                return await SocketListener.ListenTcpAsync(address, tls: null, cancellationToken);
            case LinkScheme.Tls:
                return await SocketListener.ListenTcpAsync(address, RequireCertificate(address, options), cancellationToken);
            case LinkScheme.Pipe:
                return new PipeListener(address);
            case LinkScheme.StandardStreams:
                return new StandardStreams();
            default:
                if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
                {
                    return await QuicLinks.ListenAsync(address, RequireCertificate(address, options), cancellationToken);
                }

                throw new PlatformNotSupportedException(NoQuicHere);
        }
    }

    private static System.Net.Security.SslServerAuthenticationOptions RequireCertificate(LinkAddress address, MessagingOptions options) =>
        options.ServerTls ?? throw new ArgumentException(
            $"{address} needs a certificate: set {nameof(MessagingOptions)}.{nameof(MessagingOptions.ServerTls)}.");
}
