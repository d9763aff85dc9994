using System.Diagnostics;

namespace Starling.Messaging.Tests.Links;

public sealed class SlowHandlerTests : IDisposable
{
    private readonly ManualResetEventSlim _release = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tcp", 20)]
    [InlineData("unix", 20)]

    // They block threads of the pool, which takes seconds for each further one when the machine is busy.
    [InlineData("tls", 3)]
    public async Task Handlers_that_block_their_threads_hold_up_no_other_connection(string link, int count)
    {
        await using var service = await RunningService.StartAsync(link, options => options.CallTimeout = TimeSpan.FromMinutes(2), more: services => services.Add("block", () =>
        {
            _release.Wait(TimeSpan.FromMinutes(1), Stop);
            return 1;
        }));
        var options = new MessagingOptions { CallTimeout = TimeSpan.FromMinutes(2) };
        TestCertificates.Apply(options);
        var clients = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => RpcClient.ConnectAsync(service.Address, null, options, Stop)));
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

            // On a thread of its own, which is the one that blocks when the answer comes before it is waited for.
            return (Client: client, Caller: Task.Factory.StartNew(
                () => BlockAfterAnswerAsync(client), Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap());
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

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_caller_that_blocks_for_the_next_answer_where_the_last_one_found_it_gets_it(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(3, await service.Client.InvokeAsync<int>("add", [1, 2], cancellationToken: Stop));
#pragma warning disable xUnit1031 // That it blocks is what is tested.
            Assert.True(service.Client.InvokeAsync<int>("add", [i, 2], cancellationToken: Stop).Wait(TimeSpan.FromSeconds(30), Stop));
#pragma warning restore xUnit1031
        }
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_handler_that_blocks_until_its_caller_has_answered_a_question_gets_the_answer(string link)
    {
        await using var service = await RunningService.StartAsync(
            link,
            clientServices: new RpcServices().Add("question", (int number) => number + 1),
            more: services => services.Add("ask", (RpcConnection caller, int number) => caller.InvokeAsync<int>("question", [number]).Result));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(i + 1, await service.Client.InvokeAsync<int>("ask", [i], cancellationToken: Stop).WaitAsync(TimeSpan.FromSeconds(30), Stop));
        }
    }

    public void Dispose() => _release.Dispose();

    private async Task BlockAfterAnswerAsync(RpcClient client)
    {
        Assert.Equal(3, await client.InvokeAsync<int>("add", [1, 2], cancellationToken: Stop));
        _release.Wait(TimeSpan.FromMinutes(1), Stop);
    }
}
