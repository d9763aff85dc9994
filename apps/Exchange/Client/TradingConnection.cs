using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Starling.Apps.Exchange.Client;

/// <summary>A connection to an exchange, signed in: a line goes out, its answer comes back. Several may be under way. Thread-safe.</summary>
public sealed class TradingConnection : IAsyncDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);

    private readonly TcpClient _tcp;
    private readonly StreamReader _reader;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentQueue<TaskCompletionSource<string>> _waiting = new();
    private readonly Task _reading;
    private volatile bool _isLost;

    private TradingConnection(TcpClient tcp)
    {
        _tcp = tcp;
        _reader = new StreamReader(tcp.GetStream(), Encoding.UTF8);
        _reading = ReadAsync();
    }

    /// <summary>The exchange's address.</summary>
    public IPEndPoint Remote => (IPEndPoint)_tcp.Client.RemoteEndPoint!;

    /// <summary>Our address, on the network that leads to the exchange.</summary>
    public IPEndPoint Local => (IPEndPoint)_tcp.Client.LocalEndPoint!;

    /// <summary>Ends when the connection does, whoever ended it.</summary>
    public Task Closed => _reading;

    /// <summary>Connects and signs in.</summary>
    /// <param name="exchange">Where the exchange is.</param>
    /// <param name="account">The account's name.</param>
    /// <param name="token">Its token.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The exchange cannot be reached.</exception>
    /// <exception cref="ExchangeException">There is no such account, or the token is another's.</exception>
    public static async Task<TradingConnection> ConnectAsync(DnsEndPoint exchange, string account, string token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        var tcp = new TcpClient { NoDelay = true };
        try
        {
            await tcp.ConnectAsync(exchange.Host, exchange.Port, cancellationToken);
        }
        catch (SocketException exception)
        {
            tcp.Dispose();
            throw new IOException($"{exchange.Host}:{exchange.Port} cannot be reached: {exception.Message}", exception);
        }
        catch
        {
            tcp.Dispose();
            throw;
        }

        var connection = new TradingConnection(tcp);
        try
        {
            await connection.SayAsync($"LOGIN {account} {token}", cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says a line.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="cancellationToken">Ends the wait for the answer; the line has been said all the same.</param>
    /// <returns>What stands after <c>OK</c>.</returns>
    /// <exception cref="ExchangeException">The exchange refuses.</exception>
    /// <exception cref="IOException">The connection is lost, or no answer came in 20 s. Whether an order was carried out is told by <c>HOLDINGS</c>.</exception>
    public async Task<string> SayAsync(string line, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            throw new ArgumentException("A line has no end inside.", nameof(line));
        }

        var waiting = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_isLost)
            {
                throw new IOException("The connection to the exchange is lost; nothing was sent.");
            }

            _waiting.Enqueue(waiting);

            // Half a line would garble the next one.
            await _tcp.GetStream().WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), CancellationToken.None);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or InvalidOperationException)
        {
            throw new IOException("The connection to the exchange is closed.", exception);
        }
        finally
        {
            _turn.Release();
        }

        // Between the check and the queue the reader may have gone.
        if (_isLost)
        {
            FailWaiting();
        }

        return Understand(await AnswerAsync(waiting.Task, cancellationToken));
    }

    /// <summary>Buys from the book.</summary>
    /// <param name="symbol">Of what.</param>
    /// <param name="shares">How many.</param>
    /// <param name="orderId">Names the order, so that it may be sent again over another connection and is still carried out once; null: it has no name.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    /// <exception cref="ExchangeException">It cannot be done; nothing was.</exception>
    /// <exception cref="IOException">The connection is lost, and the order was carried out wholly or not at all.</exception>
    public async Task<Fill> BuyAsync(string symbol, long shares, string? orderId, CancellationToken cancellationToken) =>
        Fill.Read(await SayAsync(string.Create(CultureInfo.InvariantCulture, $"BUY {symbol} {shares} {orderId}"), cancellationToken));

    /// <summary>Sells to the book.</summary>
    /// <inheritdoc cref="BuyAsync"/>
    public async Task<Fill> SellAsync(string symbol, long shares, string? orderId, CancellationToken cancellationToken) =>
        Fill.Read(await SayAsync(string.Create(CultureInfo.InvariantCulture, $"SELL {symbol} {shares} {orderId}"), cancellationToken));

    /// <summary>Closes the connection. Lines that are not answered fail.</summary>
    public async ValueTask DisposeAsync()
    {
        _tcp.Dispose();
        await _reading;
    }

    private static string Understand(string answer)
    {
        switch (answer.Split(' ', 3))
        {
            case ["OK", ..]:
                return answer.Length > 3 ? answer[3..] : "";
            case ["ERROR", var code, var message]:
                throw new ExchangeException(code, message);
            default:
                throw new IOException($"That is no exchange: it answered '{(answer.Length > 60 ? answer[..60] + "…" : answer)}'.");
        }
    }

    private async Task<string> AnswerAsync(Task<string> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(AnswerLimit, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nobody is there any more, or it is of no use.
            _tcp.Dispose();
            throw new IOException($"No answer came in {AnswerLimit.TotalSeconds:0} seconds; HOLDINGS tells whether an order was carried out.");
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync() is { } line)
            {
                // What is not asked for is a farewell, such as of a server that heard nothing for long.
                if (_waiting.TryDequeue(out var waiting))
                {
                    waiting.TrySetResult(Printable(line));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection broke or was closed here.
        }

        _isLost = true;
        FailWaiting();
    }

    // A terminal obeys control characters, and the other side need not be friendly.
    private static string Printable(string line) => line.Any(char.IsControl) ? string.Concat(line.Select(c => char.IsControl(c) ? '?' : c)) : line;

    private void FailWaiting()
    {
        while (_waiting.TryDequeue(out var waiting))
        {
            waiting.TrySetException(new IOException("The connection was lost before the answer came; HOLDINGS tells whether an order was carried out."));
        }
    }
}
