using System.Net;
using System.Net.Sockets;
using Starling.Apps.Exchange;

namespace Starling.Apps.Tests.Exchange;

/// <summary>An exchange in this process, on free ports and in a folder of its own.</summary>
internal sealed class RunningExchange : IAsyncDisposable
{
    private readonly string _folder;

    private RunningExchange(ExchangeServer server, string folder, IPEndPoint feed)
    {
        (Server, _folder, Feed) = (server, folder, feed);
    }

    public ExchangeServer Server { get; private set; }

    public IPEndPoint Feed { get; }

    public static async Task<RunningExchange> StartAsync(Func<ExchangeOptions, ExchangeOptions>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("starling-exchange-").FullName;
        using var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var feed = new IPEndPoint(IPAddress.Parse("239.192.77.1"), ((IPEndPoint)probe.Client.LocalEndPoint!).Port);
        return new RunningExchange(await OpenAsync(folder, feed, configure), folder, feed);
    }

    public async Task RestartAsync()
    {
        await Server.DisposeAsync();
        Server = await OpenAsync(_folder, Feed);
    }

    public async Task<TradingClient> SignInAsync(string name)
    {
        var answer = await Server.ConsoleAsync("add-account " + name);
        var client = await ConnectAsync();
        Assert.Equal("OK " + name, await client.SayAsync($"LOGIN {name} {answer!.Split(' ')[1]}"));
        return client;
    }

    public Task<TradingClient> ConnectAsync() => TradingClient.ConnectAsync(Server.EndPoint);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Task<ExchangeServer> OpenAsync(string folder, IPEndPoint feed, Func<ExchangeOptions, ExchangeOptions>? configure = null)
    {
        var options = new ExchangeOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Recovery = new IPEndPoint(IPAddress.Loopback, 0),
            Feed = feed,
            FeedHeartbeat = TimeSpan.FromMilliseconds(50),
            File = Path.Combine(folder, "exchange.db"),
        };
        return ExchangeServer.StartAsync(configure?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
    }
}
