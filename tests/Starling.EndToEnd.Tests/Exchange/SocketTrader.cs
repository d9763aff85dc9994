using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Starling.EndToEnd.Tests.Exchange;

/// <summary>
/// A trader in this process, whose orders have ids. Its connection can be cut at any moment, with a reset, as by a machine that goes; it then comes back
/// and sends the order that was not answered again.
/// </summary>
internal sealed class SocketTrader(string name, string token, IPEndPoint exchange, int seed, TraderBook book) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Random _random = new(seed);
    private readonly List<(string Order, string Answer)> _answered = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ending = new();
    private volatile TcpClient? _tcp;
    private string? _underWay;
    private Task _trading = Task.CompletedTask;

    /// <summary>The orders that were answered. To be read when it has ended.</summary>
    public IReadOnlyList<(string Order, string Answer)> Answered => _answered;

    public void Start() => _trading = TradeAsync();

    public void Cut() => _tcp?.Client?.Close(0);

    /// <summary>Ends it when its last order is answered, or can be no more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync();
            _ending.CancelAfter(Patience);
            await _trading;
        }
    }

    private async Task TradeAsync()
    {
        while ((_underWay is not null || !_stopping.IsCancellationRequested) && !_ending.IsCancellationRequested)
        {
            try
            {
                using var tcp = _tcp = new TcpClient { NoDelay = true };
                await tcp.ConnectAsync(exchange, _ending.Token);
                using var reader = new StreamReader(tcp.GetStream());
                await SayAsync(tcp, $"LOGIN {name} {token}");
                var answer = await reader.ReadLineAsync(_ending.Token);
                while (answer is not null && (_underWay is not null || !_stopping.IsCancellationRequested))
                {
                    await SayAsync(tcp, _underWay ??= NewOrder());
                    if ((answer = await reader.ReadLineAsync(_ending.Token)) is not null)
                    {
                        book.Answer(answer);
                        _answered.Add((_underWay, answer));
                        _underWay = null;
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
            {
                // The exchange was killed, or this connection cut: it tries again until it is told to end.
            }

            await Task.Delay(20, CancellationToken.None);
        }

        book.Lost();
    }

    private string NewOrder()
    {
        var order = string.Create(CultureInfo.InvariantCulture, $"{(_random.Next(5) < 3 ? "BUY" : "SELL")} ACME {_random.Next(1, 10)}");
        book.Order(order);
        return string.Create(CultureInfo.InvariantCulture, $"{order} {_answered.Count}");
    }

    private static async Task SayAsync(TcpClient tcp, string line) => await tcp.GetStream().WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
}
