using System.Net;
using System.Net.Sockets;

namespace Starling.Worker.Tests.Processes;

/// <summary>Listening sockets as a supervisor owns them.</summary>
internal static class Listening
{
    public static Socket OnTcp()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(512);
        return socket;
    }

    public static Socket OnUnix(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(512);
        return socket;
    }

    public static Uri Address(this Socket socket) => new($"http://{socket.LocalEndPoint}/");
}
