using System.Net;
using System.Net.Sockets;
using Starling.Apps.Exchange.Client;
using Starling.Apps.Exchange.Client.Terminal;

namespace Starling.Apps.Tests.Exchange;

public sealed class ResendingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_whose_answer_is_lost_is_sent_again_and_carried_out_once()
    {
        await using var exchange = await RunningExchange.StartAsync();
        await exchange.Server.ConsoleAsync("list ACME 1000 12.50");
        await using var relay = new CuttingRelay(exchange.Server.EndPoint, cuts: 3);
        await using var client = new ExchangeClient(Options(relay.EndPoint, await AddAccountAsync(exchange)), static () => { });
        var commands = new Commands(client);

        Assert.Equal(["1 BOUGHT 10 ACME AT 12.50 HOLDING 10"], await commands.RunAsync("BUY ACME 10", Patience, Ending));
        Assert.Equal(0, relay.Left);
        Assert.Equal(["2 BOUGHT 1 ACME AT 12.50 HOLDING 11"], await commands.RunAsync("buy  acme 1", Patience, Ending));
        Assert.Equal(["3 SOLD 1 ACME AT 12.50 HOLDING 10"], await commands.RunAsync("SELL ACME 1 mine", Patience, Ending));
        Assert.Equal(["3 SOLD 1 ACME AT 12.50 HOLDING 10"], await commands.RunAsync("SELL ACME 1 mine", Patience, Ending));
        Assert.Equal(["ACME=10"], await commands.RunAsync("HOLDINGS", Patience, Ending));
    }

    [Fact]
    public async Task When_the_exchange_does_not_come_back_it_is_told_that_the_end_of_the_order_is_not_known()
    {
        await using var exchange = await RunningExchange.StartAsync();
        await exchange.Server.ConsoleAsync("list ACME 1000 12.50");
        await using var relay = new CuttingRelay(exchange.Server.EndPoint, cuts: int.MaxValue);
        var options = Options(relay.EndPoint, await AddAccountAsync(exchange)) with { ResendLimit = TimeSpan.FromSeconds(1) };
        await using var client = new ExchangeClient(options, static () => { });

        var failure = await Assert.ThrowsAsync<IOException>(() => new Commands(client).RunAsync("BUY ACME 10", Patience, Ending));

        Assert.StartsWith("The connection was lost before the answer came; HOLDINGS tells whether an order was carried out.", failure.Message, StringComparison.Ordinal);
        Assert.Equal([("ACME", 10L)], await exchange.Server.Ledger.HoldingsAsync("ada"));
    }

    [Fact]
    public async Task An_order_is_not_kept_for_later_when_there_was_no_connection_to_send_it()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var place = (IPEndPoint)nobody.LocalEndpoint;
        nobody.Stop();
        await using var client = new ExchangeClient(Options(place, "token"), static () => { });
        var failure = await Assert.ThrowsAsync<IOException>(() => new Commands(client).RunAsync("BUY ACME 10", TimeSpan.Zero, Ending));
        Assert.StartsWith("There is no connection; nothing was sent.", failure.Message, StringComparison.Ordinal);
    }

    private static ExchangeClientOptions Options(IPEndPoint place, string token) => new()
    {
        Exchange = new DnsEndPoint(place.Address.ToString(), place.Port),
        Account = "ada",
        Token = token,
        ReconnectDelay = TimeSpan.FromMilliseconds(10),
    };

    private static async Task<string> AddAccountAsync(RunningExchange exchange) => (await exchange.Server.ConsoleAsync("add-account ada"))!.Split(' ')[1];
}
