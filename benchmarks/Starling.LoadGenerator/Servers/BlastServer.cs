using System.Net;
using System.Net.Sockets;
using System.Text;
using Starling.LoadGenerator.WebSockets;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Servers;

/// <summary>
/// A server inside this process that lets clients in and then writes prebuilt deliveries to all of them as fast as it can.
/// It measures the generator: what is received from it is the generator's ceiling.
/// </summary>
internal sealed class BlastServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _clients;
    private readonly byte[] _batch;
    private readonly int _frame;
    private readonly int _payloadStart;
    private readonly RunControl _control;
    private readonly Thread _thread;

    /// <param name="clients">How many clients will come.</param>
    /// <param name="payload">Bytes of payload of a delivery, up to 100.</param>
    /// <param name="frames">Deliveries written to a client at once.</param>
    /// <param name="control">Blasting lasts while its phase is <see cref="RunPhase.Running"/>.</param>
    public BlastServer(int clients, int payload, int frames, RunControl control)
    {
        (_clients, _control) = (clients, control);
        var message = Encoding.ASCII.GetBytes($"42[\"news\",\"{new string('x', payload)}\"]");
        byte[] frame = [0x81, checked((byte)message.Length), .. message];
        _frame = frame.Length;
        _payloadStart = frame.AsSpan().IndexOf((byte)'x');
        _batch = [.. Enumerable.Repeat(frame, frames).SelectMany(bytes => bytes)];
        _listener.Start(backlog: 4096);
        _thread = new Thread(Run) { Name = "blast server", IsBackground = true };
        _thread.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
    }

    private void Run()
    {
        var sockets = new List<Socket>();
        try
        {
            while (sockets.Count < _clients)
            {
                sockets.Add(Accept(_listener.AcceptSocket()));
            }

            while (_control.Phase == RunPhase.Connecting)
            {
                Thread.Sleep(1);
            }

            Blast(sockets);
            while (_control.Phase != RunPhase.Stopped)
            {
                Thread.Sleep(1);
            }
        }
        catch (SocketException)
        {
            // The clients are gone, or the listener is: the run has ended, and its own side says why.
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private void Blast(List<Socket> sockets)
    {
        long sequence = 0;
        while (_control.Phase == RunPhase.Running)
        {
            for (var start = 0; start < _batch.Length; start += _frame)
            {
                new Stamp(0, sequence++, Clock.Now).Write(_batch.AsSpan(start + _payloadStart));
            }

            foreach (var socket in sockets)
            {
                _ = socket.Send(_batch);
            }
        }
    }

    private static Socket Accept(Socket socket)
    {
        socket.NoDelay = true;
        var request = ReadUntil(socket, "\r\n\r\n"u8);
        var key = Encoding.ASCII.GetString(request).Split("Sec-WebSocket-Key: ")[1].Split("\r\n")[0];
        _ = socket.Send(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Handshake.Accept(key)}\r\n\r\n"));
        _ = socket.Send([0x81, 12, .. "0{\"sid\":\"a\"}"u8]);

        // The namespace is granted without waiting to be asked: the client asks (8 masked bytes, never read) before it reads on.
        _ = socket.Send([0x81, 13, .. "40{\"sid\":\"a\"}"u8]);
        return socket;
    }

    private static byte[] ReadUntil(Socket socket, ReadOnlySpan<byte> end)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (!buffer.AsSpan(0, length).EndsWith(end))
        {
            var received = socket.Receive(buffer.AsSpan(length));
            length += received > 0 ? received : throw new SocketException((int)SocketError.ConnectionReset);
        }

        return buffer[..length];
    }
}
