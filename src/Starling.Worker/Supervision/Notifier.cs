using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Starling.Worker.Supervision;

/// <summary>Tells the supervisor, or systemd, how it goes (<c>sd_notify</c>): lines in one datagram. Thread-safe.</summary>
internal sealed class Notifier(WorkerEnvironment environment, ILogger<Notifier> logger)
{
    /// <summary>Sends lines such as <c>READY=1</c>, or nothing when nobody asked for it. Never fails: it is for the other's good.</summary>
    public void Send(string lines)
    {
        if (environment.NotifySocket is not { } name)
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };

            // A name that begins with @ lives in no folder: the kernel writes the @ as a zero.
            socket.SendTo(Encoding.UTF8.GetBytes(lines), new UnixDomainSocketEndPoint(name[0] == '@' ? '\0' + name[1..] : name));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException or PlatformNotSupportedException)
        {
            logger.NotNotified(lines.Split('\n')[0], name, exception);
        }
    }
}
