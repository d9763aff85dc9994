namespace Starling.Messaging.Tests;

/// <summary>The npm package vscode-jsonrpc, unchanged, on either side.</summary>
public sealed class VsCodeJsonRpcTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task It_is_a_client_of_ours(string link)
    {
        await using var service = await RunningService.StartAsync(link, more: services => services.Add(
            "ask", async (RpcConnection caller, int n) => await caller.InvokeAsync<int>("double", [n]) + 1));
        await NodeProcess.RunAsync("client.mjs", service.Address.Replace("unix://", "", StringComparison.Ordinal).Replace("tcp://127.0.0.1:", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_is_the_parent_of_a_process_that_serves_on_its_standard_streams()
    {
        var program = typeof(VsCodeJsonRpcTests).Assembly.Location.Replace("Starling.Messaging.Tests", "Starling.Messaging.StandardStreamsServer", StringComparison.Ordinal);
        await NodeProcess.RunAsync("client.mjs", "stdio", program);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task It_is_a_server_to_ours(string link)
    {
        var folder = Directory.CreateTempSubdirectory("starling-node");
        var path = Path.Combine(folder.FullName, "s");
        await using var node = link == "unix" ? NodeProcess.Start("server.mjs", path) : NodeProcess.Start("server.mjs");
        var where = await node.ReadLineAsync();
        var address = link == "unix" ? "unix://" + path : "tcp://127.0.0.1:" + where;
        var options = new MessagingOptions { Identity = new PeerIdentity("dotnet", "client") };
        var own = new RpcServices().Add("double", (int n) => n * 2);
        await using (var client = await RpcClient.ConnectAsync(address, own, options, Stop))
        {
            await UseAsync(client);
        }

        folder.Delete(recursive: true);
    }

    private static async Task UseAsync(RpcClient client)
    {
        var proxy = client.GetService<ICalculator>();
        Assert.Equal(5, await proxy.AddAsync(2, 3));
        Assert.Equal("ü-😀", await proxy.JoinAsync(["ü", "😀"], "-"));
        Assert.Equal(new Point(4, 6), await proxy.MoveAsync(new Point(1, 2), 3, 4));
        Assert.Equal(Enumerable.Range(1, 500), await Task.WhenAll(Enumerable.Range(0, 500).Select(i => proxy.AddAsync(i, 1))));
        var failure = await Assert.ThrowsAsync<RpcException>(() => proxy.FailAsync(42));
        Assert.Equal((42, "yes"), (failure.Code, failure.ErrorData!.Value.GetProperty("detail").GetString()));
        await Assert.ThrowsAsync<RpcException>(proxy.CrashAsync);
        Assert.Equal(-32601, (await Assert.ThrowsAsync<RpcException>(() => client.InvokeAsync("nope", [], null, Stop))).Code);

        using var cancel = new CancellationTokenSource();
        var waiting = proxy.WaitAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        var reports = new System.Collections.Concurrent.ConcurrentQueue<int>();
        Assert.Equal(20, await proxy.CountAsync(20, new Reports(reports)));
        Assert.Equal(Enumerable.Range(1, 20), reports);

        proxy.Remember("first");
        proxy.Remember("second");
        Assert.Equal(["first", "second"], await proxy.RecallAsync());
        Assert.Equal(43, await client.InvokeAsync<int>("callBack", [21], null, Stop));
        var large = new string('x', 1_000_000);
        Assert.Equal(2_000_000, (await proxy.JoinAsync([large, large], "")).Length);
    }

    private sealed class Reports(System.Collections.Concurrent.ConcurrentQueue<int> queue) : IProgress<int>
    {
        public void Report(int value) => queue.Enqueue(value);
    }
}
