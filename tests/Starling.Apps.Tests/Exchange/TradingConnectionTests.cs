using System.Net;
using System.Net.Sockets;
using Starling.Apps.Exchange;
using Starling.Apps.Exchange.Client;
using Starling.Apps.Exchange.Client.Terminal;

namespace Starling.Apps.Tests.Exchange;

public sealed class TradingConnectionTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_trades_and_is_told_why_it_cannot()
    {
        await using var exchange = await RunningExchange.StartAsync();
        await exchange.Server.ConsoleAsync("list ACME 1000 12.50");
        await using var ada = await ConnectAsync(exchange.Server.EndPoint, await AddAccountAsync(exchange));

        var fills = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ada.BuyAsync("ACME", 2, orderId: null, Ending)));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), fills.Select(fill => fill.Id));
        Assert.Equal(new Fill(51, "ACME", IsBuy: false, 100, 12.50m, 0), await ada.SellAsync("acme", 100, "a-1", Ending));
        Assert.Equal("0.00", await ada.SayAsync("CASH", Ending));
        var refusal = await Assert.ThrowsAsync<ExchangeException>(() => ada.SellAsync("ACME", 1, orderId: null, Ending));
        Assert.Equal("not-yours", refusal.Code);
        await Assert.ThrowsAsync<ArgumentException>(() => ada.SayAsync("BUY ACME 1\nBUY ACME 1", Ending));
    }

    [Fact]
    public async Task A_wrong_token_is_refused()
    {
        await using var exchange = await RunningExchange.StartAsync();
        await AddAccountAsync(exchange);
        var refusal = await Assert.ThrowsAsync<ExchangeException>(() => ConnectAsync(exchange.Server.EndPoint, "wrong"));
        Assert.Equal("bad-login", refusal.Code);
    }

    [Theory]
    [InlineData("ada", "two words", "The token is not one word.")]
    [InlineData("ada", "two\nlines", "The token is not one word.")]
    [InlineData("a da", "token", "--account: 'a da' cannot name an account;")]
    [InlineData("ada\n", "token", "--account: 'ada\n' cannot name an account;")]
    public async Task What_cannot_be_an_account_or_a_token_is_told_before_anything_is_tried(string account, string token, string start)
    {
        var options = new ExchangeClientOptions { Exchange = new DnsEndPoint("127.0.0.1", 1), Account = account, Token = token };
        var refusal = await Assert.ThrowsAsync<ExchangeException>(() => ClientConsole.RunAsync(options, Ending));
        Assert.StartsWith(start, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orders_that_are_under_way_when_the_exchange_goes_fail_and_so_do_later_ones()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connecting = ConnectAsync((IPEndPoint)listener.LocalEndpoint, "any");
        using (var silent = await listener.AcceptTcpClientAsync(Ending))
        {
            Assert.True(await silent.GetStream().ReadAsync(new byte[100], Ending) > 0);
            await silent.GetStream().WriteAsync("OK ada\n"u8.ToArray(), Ending);
            await using var ada = await connecting;
            var order = ada.BuyAsync("ACME", 1, orderId: null, Ending);
            silent.Close();
            await Assert.ThrowsAsync<IOException>(() => order.WaitAsync(TimeSpan.FromSeconds(30), Ending));
            await ada.Closed.WaitAsync(TimeSpan.FromSeconds(30), Ending);
            await Assert.ThrowsAsync<IOException>(() => ada.BuyAsync("ACME", 1, orderId: null, Ending));
        }
    }

    [Fact]
    public async Task A_server_that_is_no_exchange_is_named_so_and_cannot_write_to_the_terminal()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connecting = ConnectAsync((IPEndPoint)listener.LocalEndpoint, "any");
        using var other = await listener.AcceptTcpClientAsync(Ending);
        Assert.True(await other.GetStream().ReadAsync(new byte[100], Ending) > 0);
        await other.GetStream().WriteAsync("220 \u001b[2Jmail\r\n"u8.ToArray(), Ending);
        var failure = await Assert.ThrowsAsync<IOException>(() => connecting);
        Assert.Equal("That is no exchange: it answered '220 ?[2Jmail'.", failure.Message);
    }

    private static Task<TradingConnection> ConnectAsync(IPEndPoint place, string token) =>
        TradingConnection.ConnectAsync(new DnsEndPoint(place.Address.ToString(), place.Port), "ada", token, Ending);

    private static async Task<string> AddAccountAsync(RunningExchange exchange) => (await exchange.Server.ConsoleAsync("add-account ada"))!.Split(' ')[1];
}
