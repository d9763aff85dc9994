using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Starling.Messaging.Tests;

/// <summary>What docs/guides/messaging.md shows.</summary>
public sealed class GuideTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [RpcService("prices")]
    public interface IPrices
    {
        Task<decimal> GetAsync(string symbol, CancellationToken cancellationToken);

        IAsyncEnumerable<decimal> WatchAsync(string symbol, CancellationToken cancellationToken);
    }

    public interface IFetch
    {
        Task<string> GetAsync(Uri uri, CancellationToken cancellationToken);
    }

    [Theory]
    [InlineData("inproc:guide")]
    [InlineData("pipe:starling-guide")]
    public async Task Serve_and_call(string address)
    {
        await using var server = await RpcServer.StartAsync(address, new RpcServices().Add<IPrices>(new Prices()), cancellationToken: Stop);
        await using var client = await RpcClient.ConnectAsync(address, cancellationToken: Stop);
        var prices = client.GetService<IPrices>();
        Assert.Equal(4m, await prices.GetAsync("MSFT", Stop));
        Assert.Equal(4m, await client.InvokeAsync<decimal>("prices/get", ["MSFT"], cancellationToken: Stop));
        Assert.Equal([1m, 2m, 3m], await prices.WatchAsync("MSFT", Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task A_worker_registers_and_is_called_by_its_server()
    {
        await using var server = await RpcServer.StartAsync("inproc:guide-main", new RpcServices(), cancellationToken: Stop);
        var options = new MessagingOptions { Identity = new PeerIdentity("fetch-1", "fetch") };
        await using var worker = await RpcClient.ConnectAsync("inproc:guide-main", new RpcServices().Add<IFetch>(new Fetch()), options, Stop);
        var fetch = await server.Peers.WaitForRoleAsync("fetch", Stop);
        Assert.Equal("page of example.com", await fetch.GetService<IFetch>().GetAsync(new Uri("http://example.com"), Stop));
    }

    [Fact]
    public async Task A_child_process_is_called_over_its_standard_streams()
    {
        using var process = Process.Start(new ProcessStartInfo("node", "stdio.mjs")
        {
            WorkingDirectory = NodeProcess.Folder(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await using (var connection = RpcConnection.Open(process.StandardOutput.BaseStream, process.StandardInput.BaseStream))
        {
            Assert.Equal(3, await connection.InvokeAsync<int>("add", [1, 2], cancellationToken: Stop));
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await process.WaitForExitAsync(limit.Token);
    }

    private sealed class Prices : IPrices
    {
        public Task<decimal> GetAsync(string symbol, CancellationToken cancellationToken) => Task.FromResult((decimal)symbol.Length);

        public async IAsyncEnumerable<decimal> WatchAsync(string symbol, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var i = 1; i <= 3; i++)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return i;
            }
        }
    }

    private sealed class Fetch : IFetch
    {
        public Task<string> GetAsync(Uri uri, CancellationToken cancellationToken) => Task.FromResult("page of " + uri.Host);
    }
}
