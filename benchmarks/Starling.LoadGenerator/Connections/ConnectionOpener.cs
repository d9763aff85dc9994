using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Starling.LoadGenerator.Linux;
using Starling.LoadGenerator.WebSockets;

namespace Starling.LoadGenerator.Connections;

/// <summary>Takes a connection from nothing to an open WebSocket.</summary>
internal sealed unsafe class ConnectionOpener(int port, string path)
{
    // Source ports of one address are about 28,000 by default (ip_local_port_range); the next address begins well before that.
    private const int ConnectionsPerSource = 20_000;

    private readonly Handshake _handshake = new(port, path);

    public Connection Open(int index)
    {
        var descriptor = LibC.Socket(LibC.AfInet, LibC.SockStreamNonBlockingCloseOnExec, 0);
        Check(descriptor >= 0, "socket");
        var on = 1;
        Check(LibC.SetSocketOption(descriptor, LibC.IpProtoTcp, LibC.TcpNoDelay, &on, sizeof(int)) == 0, "setsockopt");
        if (index >= ConnectionsPerSource)
        {
            var source = SocketAddress4.Loopback(1 + index / ConnectionsPerSource, 0);
            Check(LibC.Bind(descriptor, &source, SocketAddress4.Size) == 0, "bind");
        }

        var connection = new Connection(index, descriptor, (uint)RandomNumberGenerator.GetInt32(int.MaxValue)) { Started = Clock.Now };
        var target = SocketAddress4.Loopback(1, port);
        var result = LibC.Connect(descriptor, &target, SocketAddress4.Size);
        Check(result == 0 || Marshal.GetLastPInvokeError() == LibC.InProgress, "connect");
        return connection;
    }

    public void FinishConnect(Connection connection)
    {
        int error;
        var length = sizeof(int);
        Check(LibC.GetSocketOption(connection.Descriptor, LibC.SolSocket, LibC.SoError, &error, &length) == 0, "getsockopt");
        if (error != 0)
        {
            throw new LoadException($"Connection {connection.Index} failed: {Marshal.GetPInvokeErrorMessage(error)}.");
        }

        connection.State = ConnectionState.Upgrading;
        connection.WriteRaw(_handshake.Request);
    }

    /// <summary>Length of the answer, 0 while it is incomplete.</summary>
    public int ReadUpgradeAnswer(Connection connection, ReadOnlySpan<byte> bytes)
    {
        var length = _handshake.ReadAnswer(bytes);
        if (length > 0)
        {
            connection.State = ConnectionState.Opening;
        }

        return length;
    }

    private static void Check(bool succeeded, string call)
    {
        if (!succeeded)
        {
            throw new LoadException($"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
    }
}
