using System.Net;
using System.Net.Sockets;
using System.Text;
using Starling.Messaging.Multicast;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Exchange;

public sealed class ExchangeTests
{
    [Fact]
    public async Task Shares_are_listed_bought_and_sold()
    {
        await using var exchange = await RunningExchange.StartAsync();
        Assert.Contains("1000 of", await exchange.Server.ConsoleAsync("list ACME 1000 12.50"), StringComparison.Ordinal);
        using var ada = await exchange.SignInAsync("ada");

        Assert.Equal("OK 1 BOUGHT 300 ACME AT 12.50 HOLDING 300", await ada.SayAsync("BUY ACME 300"));
        Assert.Equal("OK 2 SOLD 100 ACME AT 12.50 HOLDING 200", await ada.SayAsync("sell acme 100"));
        Assert.Equal("OK ACME=200", await ada.SayAsync("HOLDINGS"));
        Assert.Equal("OK ACME=800", await ada.SayAsync("BOOK"));
        Assert.Equal("OK goodbye", await ada.SayAsync("QUIT"));
        Assert.Null(await ada.HearAsync());
    }

    [Theory]
    [InlineData("BUY ACME 2000", "ERROR not-enough Only 1000 shares of ACME are in the book.")]
    [InlineData("SELL ACME 1", "ERROR not-yours You hold 0 shares of ACME.")]
    [InlineData("BUY NONE 1", "ERROR unknown-symbol NONE is not listed.")]
    [InlineData("BUY ACME 1.5", "ERROR bad-number ")]
    [InlineData("BUY ACME -1", "ERROR bad-number ")]
    [InlineData("BUY ACME 0", "ERROR bad-number ")]
    [InlineData("BUY ACME 99999999999999999999", "ERROR bad-number ")]
    [InlineData("BUY AC'ME 1", "ERROR bad-symbol ")]
    [InlineData("BUY ACME", "ERROR bad-form It is written BUY SYMBOL N [ORDER-ID].")]
    [InlineData("SHORT ACME 1", "ERROR unknown-command ")]
    [InlineData("", "ERROR empty ")]
    [InlineData("BUY ACME 1\0", "ERROR bad-form A line has no control characters.")]
    [InlineData("BUY \u001b[2J 1", "ERROR bad-form A line has no control characters.")]
    [InlineData("BUY ACME 1\r\r", "ERROR bad-form A line has no control characters.")]
    [InlineData("LOGIN ada wrong", "ERROR bad-login ")]
    public async Task What_cannot_be_done_is_refused_with_the_reason_and_changes_nothing(string line, string answer)
    {
        await using var exchange = await RunningExchange.StartAsync();
        await exchange.Server.ConsoleAsync("list ACME 1000 1");
        using var ada = await exchange.SignInAsync("ada");

        Assert.StartsWith(answer, await ada.SayAsync(line), StringComparison.Ordinal);

        Assert.Equal("OK ACME=1000", await ada.SayAsync("BOOK"));
    }

    [Fact]
    public async Task Without_a_login_nothing_is_traded()
    {
        await using var exchange = await RunningExchange.StartAsync();
        await exchange.Server.ConsoleAsync("list ACME 1000 1");
        using var nobody = await exchange.ConnectAsync();
        Assert.StartsWith("ERROR not-signed-in ", await nobody.SayAsync("BUY ACME 1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_may_be_cut_anywhere()
    {
        await using var exchange = await RunningExchange.StartAsync();
        await exchange.Server.ConsoleAsync("list ACME 1000 1");
        using var ada = await exchange.SignInAsync("ada");
        foreach (var part in (string[])["BU", "Y ACM", "E 1\r\nSELL ACME 1\nHOLD", "INGS\n"])
        {
            await ada.WriteAsync(part);
        }

        Assert.StartsWith("OK 1 BOUGHT", await ada.HearAsync(), StringComparison.Ordinal);
        Assert.StartsWith("OK 2 SOLD", await ada.HearAsync(), StringComparison.Ordinal);
        Assert.Equal("OK", await ada.HearAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\nHOLDINGS\n")]
    public async Task A_line_that_is_too_long_ends_the_connection(string end)
    {
        await using var exchange = await RunningExchange.StartAsync();
        using var ada = await exchange.SignInAsync("ada");
        await ada.WriteAsync(new string('x', 300) + end);
        Assert.StartsWith("ERROR too-long ", await ada.HearAsync(), StringComparison.Ordinal);
        Assert.Null(await ada.HearAsync());
    }

    [Fact]
    public async Task Who_ends_its_side_is_answered_for_every_line_that_came()
    {
        await using var exchange = await RunningExchange.StartAsync();
        await exchange.Server.ConsoleAsync("list ACME 1000 1");
        var token = (await exchange.Server.ConsoleAsync("add-account ada"))!.Split(' ')[1];
        for (var i = 0; i < 100; i++)
        {
            using var ada = await exchange.ConnectAsync();
            await ada.WriteAsync($"LOGIN ada {token}\nBUY ACME 1\nSELL ACME 1\nBUY ACME");
            ada.EndSpeaking();
            Assert.Equal("OK ada", await ada.HearAsync());
            Assert.StartsWith($"OK {(i * 2) + 1} BOUGHT", await ada.HearAsync(), StringComparison.Ordinal);
            Assert.StartsWith($"OK {(i * 2) + 2} SOLD", await ada.HearAsync(), StringComparison.Ordinal);
            Assert.Null(await ada.HearAsync());
        }
    }

    [Fact]
    public async Task More_clients_than_may_be_connected_are_refused_and_let_in_when_others_have_gone()
    {
        var log = new LogLines();
        await using var exchange = await RunningExchange.StartAsync(options => options with { MaxConnections = 2, LoggerFactory = log });
        using (var first = await exchange.ConnectAsync())
        using (var second = await exchange.ConnectAsync())
        {
            Assert.StartsWith("OK", await first.SayAsync("BOOK"), StringComparison.Ordinal);
            Assert.StartsWith("OK", await second.SayAsync("BOOK"), StringComparison.Ordinal);
            for (var i = 0; i < 3; i++)
            {
                using var third = await exchange.ConnectAsync();
                Assert.StartsWith("ERROR full ", await third.HearAsync(), StringComparison.Ordinal);
                Assert.Null(await third.HearAsync());
            }

            Assert.Equal("OK goodbye", await first.SayAsync("QUIT"));
            Assert.Null(await first.HearAsync());
        }

        using var later = await exchange.ConnectAsync();
        Assert.StartsWith("OK", await later.SayAsync("BOOK"), StringComparison.Ordinal);
        Assert.Single(log.All);
    }

    [Fact]
    public async Task Who_does_not_read_its_answers_is_cut_off_after_a_while()
    {
        var (time, log) = (new ManualTime(), new LogLines());
        await using var exchange = await RunningExchange.StartAsync(options => options with { TimeProvider = time, LoggerFactory = log });
        using var deaf = await exchange.ConnectAsync();
        var speaking = Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true)
            {
                await deaf.WriteAsync(string.Concat(Enumerable.Repeat("HELP\n", 1000)));
            }
        });
        while (!speaking.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(speaking, Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken));
        }

        await speaking;
        Assert.Contains(log.All, line => line.Text.Contains("has not read its answers", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("listen", "--listen 127.0.0.1:")]
    [InlineData("recovery", "--recovery 127.0.0.1:")]
    [InlineData("interface", "--feed-interface 203.0.113.7 ")]
    [InlineData("group", "--feed 10.0.0.1:31001 ")]
    [InlineData("broadcast", "--feed 255.255.255.255:31001 ")]
    [InlineData("port", "--feed 239.192.0.1:0 ")]
    public async Task What_cannot_be_used_is_named(string what, string start)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var place = (IPEndPoint)taken.LocalEndpoint;
        var failure = await Assert.ThrowsAsync<IOException>(() => RunningExchange.StartAsync(options => what switch
        {
            "listen" => options with { Listen = place },
            "recovery" => options with { Recovery = place },
            "interface" => options with { FeedInterface = IPAddress.Parse("203.0.113.7") },
            "group" => options with { Feed = IPEndPoint.Parse("10.0.0.1:31001") },
            "broadcast" => options with { Feed = IPEndPoint.Parse("255.255.255.255:31001") },
            _ => options with { Feed = IPEndPoint.Parse("239.192.0.1:0") },
        }));
        Assert.StartsWith(start, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list NEW 10", "error: NEW is new; say at what price")]
    [InlineData("list ACME 0 1", "error: '0' is no number of shares")]
    [InlineData("LIST ACME 1 -1", "error: '-1' is no price")]
    [InlineData("list ACME 1\0 1", "error: '1\0' is no number of shares")]
    [InlineData("list ACME 1 2\0", "error: '2\0' is no price")]
    [InlineData("list ACME 1 1000000000", "error: '1000000000' is no price; it must be greater than 0, less than 1000000000 and")]
    [InlineData("lst ACME 1 1", "error: There is no command 'lst'; is 'list' meant?")]
    [InlineData("add-account a/b", "error: 'a/b' cannot name an account")]
    [InlineData("list", "error: 'list' is written otherwise")]
    public async Task The_operator_is_told_what_is_wrong(string line, string answer)
    {
        await using var exchange = await RunningExchange.StartAsync();
        Assert.StartsWith(answer, await exchange.Server.ConsoleAsync(line), StringComparison.Ordinal);
        Assert.Equal("Nothing is listed yet.", await exchange.Server.ConsoleAsync("book"));
    }

    [Fact]
    public async Task No_share_is_made_or_lost_by_clients_that_trade_at_once_and_a_restart_keeps_all()
    {
        await using var exchange = await RunningExchange.StartAsync();
        string[] symbols = ["A", "B", "C"];
        foreach (var symbol in symbols)
        {
            await exchange.Server.ConsoleAsync($"list {symbol} 500 1");
        }

        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => exchange.SignInAsync($"client{i}")));
        var held = await Task.WhenAll(clients.Select((client, i) => TradeAtRandomAsync(client, symbols, new Random(i))));

        for (var round = 0; round < 2; round++)
        {
            var securities = await exchange.Server.Ledger.SecuritiesAsync();
            foreach (var (symbol, index) in symbols.Select((symbol, index) => (symbol, index)))
            {
                for (var i = 0; i < clients.Length; i++)
                {
                    var books = (await exchange.Server.Ledger.HoldingsAsync($"client{i}")).FirstOrDefault(holding => holding.Symbol == symbol).Shares;
                    Assert.Equal(held[i][index], books);
                }

                var security = securities.Single(item => item.Symbol == symbol);
                Assert.Equal(500, security.Listed);
                Assert.Equal(500, security.Available + held.Sum(client => client[index]));
            }

            await exchange.RestartAsync();
        }
    }

    [Fact]
    public async Task Listings_and_trades_go_out_by_multicast()
    {
        await using var exchange = await RunningExchange.StartAsync();
        using var subscriber = MulticastSubscriber.Join(new MulticastFeedOptions
        {
            Group = exchange.Feed.Address,
            Port = exchange.Feed.Port,
            Recovery = exchange.Server.Recovery,
            FromStart = true,
        });
        await exchange.Server.ConsoleAsync("list ACME 10 2.5");
        using var ada = await exchange.SignInAsync("ada");
        await ada.SayAsync("BUY ACME 4");

        var lines = new List<string>();
        await foreach (var message in subscriber.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            lines.Add(Encoding.UTF8.GetString(message.Data.Span));
            if (lines.Count == 2)
            {
                break;
            }
        }

        Assert.Equal(["LISTED ACME 10 2.5", "TRADED 1 ACME BUY 4 2.5"], lines);
    }

    // What the client holds by what it was told.
    private static async Task<long[]> TradeAtRandomAsync(TradingClient client, string[] symbols, Random random)
    {
        var held = new long[symbols.Length];
        for (var i = 0; i < 150; i++)
        {
            var (symbol, shares, isBuy) = (random.Next(symbols.Length), random.Next(1, 80), random.Next(2) == 0);
            var answer = await client.SayAsync($"{(isBuy ? "BUY" : "SELL")} {symbols[symbol]} {shares}");
            if (answer!.StartsWith("OK ", StringComparison.Ordinal))
            {
                held[symbol] += isBuy ? shares : -shares;
            }

            Assert.InRange(held[symbol], 0, 500);
        }

        return held;
    }
}
