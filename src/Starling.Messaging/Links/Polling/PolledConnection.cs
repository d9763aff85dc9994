using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Starling.Messaging.Links.Polling;

/// <summary>
/// Connects by TCP without .NET's engine: that would watch the socket as long as it lives, and wake a thread of its own for all that comes.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class PolledConnection
{
    /// <exception cref="SocketException">No address of the host could be reached; this is the last one's reason.</exception>
    public static async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var failure = new SocketException((int)SocketError.HostNotFound);
        foreach (var address in await Dns.GetHostAddressesAsync(host, cancellationToken))
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(address, port), cancellationToken);
            }
            catch (SocketException e)
            {
                failure = e;
            }
        }

        throw failure;
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
        Stream? stream = null;
        try
        {
            try
            {
                socket.Connect(endPoint);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // It goes on by itself.
            }

            stream = PolledStream.Over(socket);
            if (stream is PolledStream polled)
            {
                await polled.FinishConnectingAsync(cancellationToken);
            }

            return stream;
        }
        catch
        {
            await (stream?.DisposeAsync() ?? ValueTask.CompletedTask);
            socket.Dispose();
            throw;
        }
    }
}
