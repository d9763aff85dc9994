using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Starling.EndToEnd.Tests.Exchange;

public sealed class RandomKillTests : IAsyncDisposable
{
    private const long Listed = 1_000_000;
    private const int SocketTraders = 4;
    private const int NodeTraders = 3;
    private const int Kills = 12;

    // The exchange remembers 1,000 orders of an account.
    private const int Repeats = 500;

    private readonly string _folder = Directory.CreateTempSubdirectory("starling-exchange-").FullName;
    private readonly TraderBook[] _books = [.. Enumerable.Range(0, SocketTraders + NodeTraders).Select(_ => new TraderBook())];
    private readonly string[] _tokens = new string[SocketTraders + NodeTraders];
    private readonly List<SocketTrader> _sockets = [];
    private readonly List<NodeTrader> _nodes = [];
    private ExchangeProcess? _exchange;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_is_killed_in_the_middle_of_trading_the_rest_goes_on_and_nothing_that_was_acknowledged_is_lost()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        await OpenAsync(seed);

        // The exchange is killed three times at least, whatever the dice say.
        for (var i = 0; i < Kills; i++)
        {
            await ProgressAsync($"before kill {i} with seed {seed}");
            await Task.Delay(random.Next(100), Ending);
            await (i % 4 == 0 ? KillExchangeAsync() : random.Next(3) switch
            {
                0 => KillExchangeAsync(),
                1 => KillNodeAsync(_nodes[random.Next(NodeTraders)]),
                _ => CutAsync(_sockets[random.Next(SocketTraders)]),
            });
        }

        await ProgressAsync($"after the last kill with seed {seed}");
        await EndTradersAsync();
        await KillExchangeAsync();
        await CheckBooksAsync(seed);
    }

    public async ValueTask DisposeAsync()
    {
        await EndTradersAsync();
        await (_exchange?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync(int seed)
    {
        _exchange = await ExchangeProcess.StartAsync(_folder, Ending);
        await _exchange.SayAsync($"list ACME {Listed} 1");
        for (var i = 0; i < _tokens.Length; i++)
        {
            _tokens[i] = (await _exchange.SayAsync($"add-account client{i}")).Split(' ')[1];
        }

        for (var i = 0; i < SocketTraders; i++)
        {
            _sockets.Add(new SocketTrader($"client{i}", _tokens[i], _exchange.EndPoint, seed + i, _books[i]));
        }

        for (var i = SocketTraders; i < _tokens.Length; i++)
        {
            _nodes.Add(new NodeTrader($"client{i}", _tokens[i], _exchange.EndPoint, _exchange.Feed, _books[i]));
        }

        _sockets.ForEach(trader => trader.Start());
        _nodes.ForEach(trader => trader.Start());
    }

    // Everybody, also who was killed a moment ago, gets answers.
    private async Task ProgressAsync(string when)
    {
        var before = _books.Select(book => book.Answers).ToArray();
        var start = Stopwatch.GetTimestamp();
        while (_books.Where((book, i) => book.Answers < before[i] + 5).Any())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"Not everybody is answered any more, {when}: "
                + string.Join(", ", _books.Select((book, i) => book.Answers - before[i])));
            await Task.Delay(10, Ending);
        }
    }

    private async Task KillExchangeAsync()
    {
        var place = _exchange!.EndPoint;
        await _exchange.KillAsync();
        await _exchange.DisposeAsync();
        _exchange = await ExchangeProcess.StartAsync(_folder, Ending, place);
    }

    private static async Task KillNodeAsync(NodeTrader trader)
    {
        await trader.KillAsync();
        trader.Start();
    }

    private static Task CutAsync(SocketTrader trader)
    {
        trader.Cut();
        return Task.CompletedTask;
    }

    private async Task EndTradersAsync()
    {
        foreach (var trader in _sockets)
        {
            await trader.DisposeAsync();
        }

        foreach (var trader in _nodes)
        {
            await trader.DisposeAsync();
        }
    }

    private async Task CheckBooksAsync(int seed)
    {
        var trades = _books.SelectMany(book => book.Trades).ToArray();
        Assert.Equal(trades.Length, trades.Distinct().Count());
        var sum = 0L;
        for (var i = 0; i < _books.Length; i++)
        {
            var (least, most) = _books[i].Holding;
            Assert.True(i >= SocketTraders || least == most, $"client{i} does not know what came of an order, though it could send it again; seed {seed}.");
            var answers = await AskAsync(i, "HOLDINGS", "CASH");
            var held = answers[0] == "OK" ? 0 : Number(answers[0]);
            Assert.True(held >= least && held <= most, $"client{i} holds {held}; by its answers it must be {least} to {most}; seed {seed}.");

            // A share costs 1, so no money is made or lost, either.
            Assert.Equal($"OK {-held}", answers[1]);
            sum += held;
        }

        Assert.Equal(Listed, sum + Number((await AskAsync(0, "BOOK"))[0]));
        await CheckAnswersAsync(seed);
        Assert.Equal(Listed, sum + Number((await AskAsync(0, "BOOK"))[0]));
    }

    /// <summary>Every order that was answered, by whichever run of the exchange, is told the very same when it is sent again.</summary>
    private async Task CheckAnswersAsync(int seed)
    {
        for (var i = 0; i < SocketTraders; i++)
        {
            var answered = _sockets[i].Answered.TakeLast(Repeats).ToArray();
            Assert.True(answered.Length > 0, $"client{i} was never answered; seed {seed}.");
            Assert.Equal(answered.Select(item => item.Answer), await AskAsync(i, [.. answered.Select(item => item.Order)]));
        }
    }

    private async Task<string[]> AskAsync(int index, params string[] questions)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(_exchange!.EndPoint, Ending);
        await tcp.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes($"LOGIN client{index} {_tokens[index]}\n{string.Join('\n', questions)}\n"), Ending);
        using var reader = new StreamReader(tcp.GetStream());
        Assert.Equal($"OK client{index}", await reader.ReadLineAsync(Ending));
        var answers = new string[questions.Length];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = (await reader.ReadLineAsync(Ending))!;
        }

        return answers;
    }

    private static long Number(string answer) => long.Parse(answer["OK ACME=".Length..], CultureInfo.InvariantCulture);
}
