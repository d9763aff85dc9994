using System.Net;
using System.Net.Sockets;
using Starling.Apps.Exchange.Client.Model;
using Starling.Messaging.Multicast;

namespace Starling.Apps.Exchange.Client;

/// <summary>A client that stays with its exchange: it connects again when the connection is lost, follows the feed and keeps what it knows up to date.</summary>
internal sealed class ExchangeClient : IAsyncDisposable
{
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(3.5);
    private static readonly TimeSpan LeastBetweenReads = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MostBetweenReads = TimeSpan.FromSeconds(2);

    private readonly ExchangeClientOptions _options;
    private readonly Action _changed;
    private readonly FeedFollower _feed;
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly Task _running;
    private volatile TaskCompletionSource<TradingConnection> _connection = NewSource();
    private volatile string? _problem;
    private volatile LinkState _state = LinkState.Connecting;

    /// <param name="options">Which exchange, and as whom.</param>
    /// <param name="changed">Called, on any thread, when there is something new to show.</param>
    public ExchangeClient(ExchangeClientOptions options, Action changed)
    {
        (_options, _changed) = (options, changed);
        Market = new Market(options.TimeProvider);
        _feed = new FeedFollower(TakeNews);
        _running = RunAsync(_ending.Token);
    }

    public Market Market { get; }

    /// <summary>How connection and feed are at this moment.</summary>
    public ClientStatus Status
    {
        get
        {
            var isSilent = _feed.Silence is not { } silence || silence > SilenceLimit;
            var words = _feed.Problem is { } problem ? $"unusable: {problem}" : _feed.Silence is null ? "not heard yet" : isSilent ? "silent" : "live";
            return new ClientStatus(_state, _problem, words, isSilent || _state != LinkState.Connected, _feed.Recovered, _feed.Lost);
        }
    }

    /// <summary>Says a line to the exchange. One that may be said twice is said again when the connection is lost before the answer.</summary>
    /// <param name="line">The line; an order has an id.</param>
    /// <param name="patience">How long to wait for a connection when there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ExchangeException">The exchange refuses.</exception>
    /// <exception cref="IOException">There is no connection, or it was lost and did not come back in time.</exception>
    public async Task<string> SayAsync(string line, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = _options.TimeProvider.GetTimestamp();
        for (IOException? lost = null; ;)
        {
            var source = _connection;
            var connection = await ConnectionAsync(source, lost is null ? patience : Left(began), lost, cancellationToken);
            try
            {
                var answer = await connection.SayAsync(line, cancellationToken);
                _news.Release();
                return answer;
            }
            catch (IOException exception)
            {
                // Also when it was not the network: what cannot be understood is of no use, and who keeps the connection shall see that.
                lost = exception;
                await connection.DisposeAsync();
                Interlocked.CompareExchange(ref _connection, NewSource(), source);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        await _feed.DisposeAsync();
        _ending.Dispose();
    }

    private static TaskCompletionSource<TradingConnection> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan Left(long began)
    {
        var left = _options.ResendLimit - _options.TimeProvider.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task<TradingConnection> ConnectionAsync(
        TaskCompletionSource<TradingConnection> source, TimeSpan patience, IOException? lost, CancellationToken cancellationToken)
    {
        try
        {
            return await source.Task.WaitAsync(patience, _options.TimeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw lost is null
                ? new IOException($"There is no connection; nothing was sent. {_problem}")
                : new IOException($"{lost.Message} For {_options.ResendLimit.TotalSeconds:0} s it could not be sent again. {_problem}", lost);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = _options.ReconnectDelay;
        try
        {
            while (true)
            {
                try
                {
                    await using var connection = await TradingConnection.ConnectAsync(_options.Exchange, _options.Account, _options.Token, cancellationToken);
                    await ReadBooksAsync(connection, cancellationToken);
                    pause = _options.ReconnectDelay;
                    Turn(LinkState.Connected, null);
                    _connection.TrySetResult(connection);
                    await StayAsync(connection, cancellationToken);
                }
                catch (ExchangeException refusal) when (refusal.Code == "bad-login")
                {
                    Turn(LinkState.Refused, refusal.Message);
                    _connection.TrySetException(refusal);
                    return;
                }
                catch (Exception exception) when (exception is IOException or SocketException or FormatException or ExchangeException)
                {
                    if (_connection.Task.IsCompleted)
                    {
                        _connection = NewSource();
                    }

                    Turn(LinkState.Lost, exception.Message);
                }

                await Task.Delay(pause, _options.TimeProvider, cancellationToken);
                pause = pause * 2 < _options.MaxReconnectDelay ? pause * 2 : _options.MaxReconnectDelay;
            }
        }
        catch (OperationCanceledException)
        {
            // It is closed.
        }
    }

    /// <summary>Reads the books after news, and now and then without: the feed may be silent, and who says nothing for long is closed.</summary>
    private async Task StayAsync(TradingConnection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Also ends the wait: whoever has closed the connection, it is read, and that fails.
            var news = _news.WaitAsync(MostBetweenReads, cancellationToken);
            await Task.WhenAny(news, connection.Closed);
            if (connection.Closed.IsCompleted)
            {
                _news.Release();
            }

            await news;
            await Task.Delay(LeastBetweenReads, _options.TimeProvider, cancellationToken);
            while (_news.CurrentCount > 0)
            {
                await _news.WaitAsync(cancellationToken);
            }

            await ReadBooksAsync(connection, cancellationToken);
        }
    }

    private async Task ReadBooksAsync(TradingConnection connection, CancellationToken cancellationToken)
    {
        await FollowAsync(connection, await connection.SayAsync("FEED", cancellationToken));
        var listings = connection.SayAsync("LISTINGS", cancellationToken);
        var holdings = connection.SayAsync("HOLDINGS", cancellationToken);
        var cash = connection.SayAsync("CASH", cancellationToken);
        await Task.WhenAll(listings, holdings, cash);
        Market.Take(await listings, await holdings, await cash);
        _changed();
    }

    private Task FollowAsync(TradingConnection connection, string places)
    {
        var words = places.Split(' ');
        if (words is not [var first, var second, var session] || !IPEndPoint.TryParse(first, out var group) || !IPEndPoint.TryParse(second, out var recovery))
        {
            throw new FormatException($"'{places}' does not say where the feed is.");
        }

        if (recovery.Address.Equals(IPAddress.Any) || recovery.Address.Equals(IPAddress.IPv6Any))
        {
            recovery = new IPEndPoint(connection.Remote.Address, recovery.Port);
        }

        group = _options.Feed ?? group;
        return _feed.FollowAsync(new MulticastFeedOptions
        {
            Group = group.Address,
            Port = group.Port,
            Interface = _options.FeedInterface ?? Network(connection.Local.Address),
            Recovery = _options.Recovery ?? recovery,
            Session = session,
            TimeProvider = _options.TimeProvider,
        });
    }

    // Multicast is IPv4's here.
    private static IPAddress Network(IPAddress local) =>
        local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local.AddressFamily == AddressFamily.InterNetwork ? local : IPAddress.IsLoopback(local) ? IPAddress.Loopback : IPAddress.Any;

    private void TakeNews(string line)
    {
        if (Market.Take(line))
        {
            _news.Release();
            _changed();
        }
    }

    private void Turn(LinkState state, string? problem)
    {
        (_state, _problem) = (state, problem);
        _changed();
    }
}
