using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Starling.Guides.Tests.FromNode;

/// <summary>A proxy that knows nothing but CONNECT.</summary>
internal sealed class TunnelProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _running;

    public TunnelProxy()
    {
        _listener.Start();
        _running = RunAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Where clients wanted to go.</summary>
    public ConcurrentQueue<string> Targets { get; } = new();

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _running;
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                _ = TunnelAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (SocketException)
        {
            // Stopped.
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            {
                head.Append((char)one[0]);
            }

            var target = head.ToString().Split(' ')[1];
            Targets.Enqueue(target);
            using var server = new TcpClient();
            await server.ConnectAsync(IPEndPoint.Parse(target));
            await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
            await Task.WhenAny(stream.CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(stream));
        }
    }
}
