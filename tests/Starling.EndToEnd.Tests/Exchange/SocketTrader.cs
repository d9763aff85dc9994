using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Starling.EndToEnd.Tests.Exchange;

/// <summary>A trader in this process. Its connection can be cut at any moment, with a reset, as by a machine that goes; it then comes back.</summary>
internal sealed class SocketTrader(string name, string token, IPEndPoint exchange, int seed, TraderBook book) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private volatile TcpClient? _tcp;
    private Task _trading = Task.CompletedTask;

    public void Start() => _trading = TradeAsync(_ending.Token);

    public void Cut() => _tcp?.Client?.Close(0);

    public async ValueTask DisposeAsync()
    {
        if (!_ending.IsCancellationRequested)
        {
            await _ending.CancelAsync();
            await _trading;
        }
    }

    private async Task TradeAsync(CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var tcp = _tcp = new TcpClient { NoDelay = true };
                await tcp.ConnectAsync(exchange, cancellationToken);
                using var reader = new StreamReader(tcp.GetStream());
                await SayAsync(tcp, $"LOGIN {name} {token}");
                var answer = await reader.ReadLineAsync(cancellationToken);
                while (answer is not null)
                {
                    var order = string.Create(CultureInfo.InvariantCulture, $"{(random.Next(5) < 3 ? "BUY" : "SELL")} ACME {random.Next(1, 10)}");
                    book.Order(order);
                    await SayAsync(tcp, order);
                    if ((answer = await reader.ReadLineAsync(cancellationToken)) is not null)
                    {
                        book.Answer(answer);
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
            {
                // The exchange was killed, or this connection cut: it tries again until it is told to end.
            }

            book.Lost();
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static async Task SayAsync(TcpClient tcp, string line) => await tcp.GetStream().WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
}
