using System.Diagnostics;

namespace Starling.Messaging.Tests.Links;

public sealed class SlowHandlerTests : IDisposable
{
    private readonly ManualResetEventSlim _release = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("tls")]
    public async Task Handlers_that_block_their_threads_hold_up_no_other_connection(string link)
    {
        await using var service = await RunningService.StartAsync(link, options => options.CallTimeout = TimeSpan.FromMinutes(2), more: services => services.Add("block", () =>
        {
            _release.Wait(TimeSpan.FromMinutes(1), Stop);
            return 1;
        }));
        var options = new MessagingOptions { CallTimeout = TimeSpan.FromMinutes(2) };
        TestCertificates.Apply(options);
        var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RpcClient.ConnectAsync(service.Address, null, options, Stop)));
        var blocked = clients.Select(client => client.InvokeAsync<int>("block", [], cancellationToken: Stop)).ToArray();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(i + 1, await service.Proxy.AddAsync(i, 1).WaitAsync(TimeSpan.FromSeconds(30), Stop));
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "The others were held up.");
        Assert.DoesNotContain(blocked, call => call.IsCompleted);
        _release.Set();
        Assert.All(await Task.WhenAll(blocked), result => Assert.Equal(1, result));
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Callers_that_block_their_threads_where_an_answer_found_them_hold_up_no_other_connection()
    {
        await using var service = await RunningService.StartAsync("unix");
        var blocked = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            var client = await RpcClient.ConnectAsync(service.Address, cancellationToken: Stop);
            return (Client: client, Caller: BlockAfterAnswerAsync(client));
        }));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(i + 1, await service.Proxy.AddAsync(i, 1).WaitAsync(TimeSpan.FromSeconds(30), Stop));
        }

        _release.Set();
        foreach (var (client, caller) in blocked)
        {
            await caller;
            await client.DisposeAsync();
        }
    }

    public void Dispose() => _release.Dispose();

    private async Task BlockAfterAnswerAsync(RpcClient client)
    {
        Assert.Equal(3, await client.InvokeAsync<int>("add", [1, 2], cancellationToken: Stop));
        _release.Wait(TimeSpan.FromMinutes(1), Stop);
    }
}
