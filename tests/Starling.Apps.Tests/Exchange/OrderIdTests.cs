using System.Text;
using Starling.Apps.Exchange;
using Starling.Apps.Exchange.Books;
using Starling.Messaging.Multicast;

namespace Starling.Apps.Tests.Exchange;

/// <summary>Orders that have an id may be sent again, and are carried out once.</summary>
public sealed class OrderIdTests : IAsyncLifetime
{
    private RunningExchange _exchange = null!;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _exchange = await RunningExchange.StartAsync();
        await _exchange.Server.ConsoleAsync("list ACME 1000 12.50");
        _token = (await _exchange.Server.ConsoleAsync("add-account ada"))!.Split(' ')[1];
    }

    public ValueTask DisposeAsync() => _exchange.DisposeAsync();

    [Fact]
    public async Task An_order_that_is_sent_again_is_told_its_first_result_also_after_a_restart()
    {
        string[] lines = ["BUY ACME 300 a-1", "SELL ACME 100 a-2"];
        string[] answers = ["OK 1 BOUGHT 300 ACME AT 12.50 HOLDING 300", "OK 2 SOLD 100 ACME AT 12.50 HOLDING 200"];
        for (var round = 0; round < 3; round++)
        {
            using var ada = await SignInAsync();
            Assert.Equal(answers[0], await ada.SayAsync(lines[0]));
            Assert.Equal(answers[1], await ada.SayAsync(lines[1].ToLowerInvariant()));
            Assert.Equal("OK ACME=200", await ada.SayAsync("HOLDINGS"));
            Assert.Equal("OK -2500.00", await ada.SayAsync("CASH"));
            await _exchange.Server.ConsoleAsync("list ACME 1 99");
            await _exchange.RestartAsync();
        }
    }

    [Fact]
    public async Task An_order_that_was_refused_stays_refused_and_a_new_one_is_tried()
    {
        const string Refusal = "ERROR not-enough Only 1000 shares of ACME are in the book.";
        using (var ada = await SignInAsync())
        {
            Assert.Equal(Refusal, await ada.SayAsync("BUY ACME 1500 a-1"));
        }

        await _exchange.Server.ConsoleAsync("list ACME 1000");
        await _exchange.RestartAsync();
        using (var ada = await SignInAsync())
        {
            Assert.Equal(Refusal, await ada.SayAsync("BUY ACME 1500 a-1"));
            Assert.StartsWith("OK 1 BOUGHT 1500 ", await ada.SayAsync("BUY ACME 1500 a-2"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("BUY ACME 6 a-1", "ERROR order-id-used The order a-1 was BUY ACME 5; give each order an id of its own.")]
    [InlineData("SELL ACME 5 a-1", "ERROR order-id-used ")]
    [InlineData("BUY OTHER 5 a-1", "ERROR order-id-used ")]
    [InlineData("BUY ACME 5 a/1", "ERROR bad-order-id ")]
    [InlineData("BUY ACME 5 a-1 x", "ERROR bad-form It is written BUY SYMBOL N [ORDER-ID].")]
    [InlineData("SELL ACME 5 ä", "ERROR bad-order-id ")]
    public async Task An_id_that_cannot_be_the_orders_is_refused_and_nothing_is_traded(string line, string answer)
    {
        using var ada = await SignInAsync();
        Assert.StartsWith("OK 1 BOUGHT 5 ", await ada.SayAsync("BUY ACME 5 a-1"), StringComparison.Ordinal);
        Assert.StartsWith(answer, await ada.SayAsync(line), StringComparison.Ordinal);
        Assert.StartsWith("ERROR bad-order-id ", await ada.SayAsync($"BUY ACME 5 {new string('x', 65)}"), StringComparison.Ordinal);
        Assert.Equal("OK ACME=5", await ada.SayAsync("HOLDINGS"));
    }

    [Fact]
    public async Task Copies_that_come_at_once_are_one_order_and_the_feed_tells_of_it_once()
    {
        using var subscriber = MulticastSubscriber.Join(new MulticastFeedOptions
        {
            Group = _exchange.Feed.Address,
            Port = _exchange.Feed.Port,
            Recovery = _exchange.Server.Recovery,
            FromStart = true,
        });
        var copies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SignInAsync()));
        for (var i = 0; i < 50; i++)
        {
            var answers = await Task.WhenAll(copies.Select(copy => copy.SayAsync($"BUY ACME 2 a-{i}")));
            Assert.Equal([$"OK {i + 1} BOUGHT 2 ACME AT 12.50 HOLDING {2 * (i + 1)}"], answers.Distinct());
        }

        var told = new List<string>();
        await foreach (var message in subscriber.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            told.Add(Encoding.UTF8.GetString(message.Data.Span));
            if (told[^1].StartsWith("TRADED 50 ", StringComparison.Ordinal))
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(1, 50).Select(i => $"TRADED {i} ACME BUY 2 12.50"), told.Where(line => line.StartsWith("TRADED", StringComparison.Ordinal)));
        Array.ForEach(copies, copy => copy.Dispose());
    }

    [Fact]
    public async Task Accounts_have_ids_of_their_own()
    {
        using var ada = await SignInAsync();
        using var eve = await _exchange.SignInAsync("eve");
        Assert.Equal("OK 1 BOUGHT 5 ACME AT 12.50 HOLDING 5", await ada.SayAsync("BUY ACME 5 1"));
        Assert.Equal("OK 2 BOUGHT 7 ACME AT 12.50 HOLDING 7", await eve.SayAsync("BUY ACME 7 1"));
        Assert.Equal("OK 1 BOUGHT 5 ACME AT 12.50 HOLDING 5", await ada.SayAsync("BUY ACME 5 1"));
    }

    [Fact]
    public async Task The_last_thousand_orders_of_an_account_are_remembered()
    {
        var ledger = _exchange.Server.Ledger;
        await Task.WhenAll(Enumerable.Range(1, 1_001).Select(i => ledger.TradeAsync(OrderOf(i % 2 == 1, $"a-{i}"))));
        Assert.Equal((2, true), Result(await ledger.TradeAsync(OrderOf(isBuy: false, "a-2"))));
        Assert.Equal((1_001, true), Result(await ledger.TradeAsync(OrderOf(isBuy: true, "a-1001"))));
        Assert.Equal((1_002, false), Result(await ledger.TradeAsync(OrderOf(isBuy: true, "a-1"))));
        await Assert.ThrowsAsync<ExchangeException>(() => ledger.TradeAsync(OrderOf(isBuy: true, "a-3") with { Shares = 2 }));
    }

    private static Order OrderOf(bool isBuy, string id) => new("ada", "ACME", isBuy, 1, id);

    private static (long Trade, bool IsRepeat) Result(Execution execution) => (execution.Trade.Id, execution.IsRepeat);

    private async Task<TradingClient> SignInAsync()
    {
        var client = await _exchange.ConnectAsync();
        Assert.Equal("OK ada", await client.SayAsync($"LOGIN ada {_token}"));
        return client;
    }
}
