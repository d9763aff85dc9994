using System.Net;
using System.Net.Sockets;

namespace Starling.Apps.Tests.Exchange;

/// <summary>Stands between a client and its exchange, and lets the connection break after so many orders were carried out but before their answer is told.</summary>
internal sealed class CuttingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly IPEndPoint _exchange;
    private readonly Task _running;
    private int _left;

    public CuttingRelay(IPEndPoint exchange, int cuts)
    {
        (_exchange, _left) = (exchange, cuts);
        _listener.Start();
        _running = RunAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>How many cuts are still to come.</summary>
    public int Left => Volatile.Read(ref _left);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_ending.Token);
                using var exchange = await TradingClient.ConnectAsync(_exchange);
                using var reader = new StreamReader(client.GetStream());
                await ServeAsync(client, reader, exchange);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client, StreamReader reader, TradingClient exchange)
    {
        try
        {
            while (await reader.ReadLineAsync(_ending.Token) is { } line)
            {
                var answer = await exchange.SayAsync(line);
                if (line.StartsWith("BUY", StringComparison.Ordinal) && Left > 0)
                {
                    Interlocked.Decrement(ref _left);
                    return;
                }

                await client.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer + "\n"), _ending.Token);
            }
        }
        catch (IOException)
        {
            // The client has gone, as it may.
        }
    }
}
