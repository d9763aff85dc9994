using System.Text.Json;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Calls;

/// <summary>The same behaviour over every link.</summary>
public sealed class CallTests
{
    public static TheoryData<string> Links => RunningService.Links;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Calls_return_their_results(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        Assert.Equal(5, await service.Proxy.AddAsync(2, 3));
        Assert.Equal("a, b", await service.Proxy.JoinAsync(["a", "b"]));
        Assert.Equal("ä-€", await service.Proxy.JoinAsync(["ä", "€"], "-"));
        Assert.Equal(new Point(4, 6), await service.Proxy.MoveAsync(new Point(1, 2), 3, 4));
        Assert.Equal(7, await service.Client.InvokeAsync<int>("add", [3, 4], null, Stop));
        Assert.Equal(9, await service.Client.InvokeWithObjectAsync<int>("add", new { a = 4, b = 5 }, null, Stop));
        Assert.Equal("x, y", await service.Client.InvokeAsync<string>("join", [new[] { "x", "y" }], null, Stop));
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Many_calls_at_a_time_get_each_its_own_answer(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        var proxy = service.Proxy;
        var calls = Enumerable.Range(0, 5_000).Select(i => Task.Run(() => proxy.AddAsync(i, 1))).ToArray();
        Assert.Equal(Enumerable.Range(1, 5_000), await Task.WhenAll(calls));
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Errors_carry_their_code_and_crashes_hide_their_reason(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        var failure = await Assert.ThrowsAsync<RpcException>(() => service.Proxy.FailAsync(42));
        Assert.Equal((42, "As you wished."), (failure.Code, failure.Message));
        var crash = await Assert.ThrowsAsync<RpcException>(service.Proxy.CrashAsync);
        Assert.Equal(RpcErrorCodes.InternalError, crash.Code);
        Assert.DoesNotContain("secret", crash.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Calls_that_do_not_fit_are_refused(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        Assert.Equal(RpcErrorCodes.MethodNotFound, await CodeOfAsync("nonsense", []));
        Assert.Equal(RpcErrorCodes.InvalidParams, await CodeOfAsync("add", [1]));
        Assert.Equal(RpcErrorCodes.InvalidParams, await CodeOfAsync("add", [1, 2, 3]));
        Assert.Equal(RpcErrorCodes.InvalidParams, await CodeOfAsync("add", ["one", 2]));
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2));

        async Task<int> CodeOfAsync(string method, object?[] arguments) =>
            (await Assert.ThrowsAsync<RpcException>(() => service.Client.InvokeAsync<int>(method, arguments, null, Stop))).Code;
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Cancellation_reaches_the_handler(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        using var cancel = new CancellationTokenSource();
        var call = service.Proxy.WaitAsync(cancel.Token);
        await service.Calculator.WaitBegan.Task.WaitAsync(Stop);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await service.Calculator.WaitCancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_call_without_an_answer_times_out_and_is_cancelled(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        var proxy = service.Client.GetService<ICalculator>(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAsync<TimeoutException>(() => proxy.WaitAsync(CancellationToken.None));
        await service.Calculator.WaitCancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Progress_comes_in_order_and_before_the_result(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        var reports = new OrderedProgress();
        Assert.Equal(300, await service.Proxy.CountAsync(300, reports));
        Assert.Equal(Enumerable.Range(1, 300), reports.Values);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Sequences_stream_both_ways(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        List<int> got = [];
        await foreach (var value in service.Proxy.RangeAsync(10, 1_000, Stop))
        {
            got.Add(value);
        }

        Assert.Equal(Enumerable.Range(10, 1_000), got);
        Assert.Equal(499_500, await service.Proxy.SumAsync(Numbers(1_000)));
        Assert.Equal(3, await service.Client.StreamAsync<int>("range", [0, 3], Stop).CountAsync(Stop));
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_sequence_that_is_not_read_on_ends_at_its_source(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        await foreach (var value in service.Proxy.RangeAsync(0, int.MaxValue, CancellationToken.None))
        {
            if (value == 500)
            {
                break;
            }
        }

        await service.Calculator.RangeEnded.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.InRange(service.Calculator.Produced, 500, 2_000);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Notifications_arrive_in_order_and_before_later_calls(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        for (var i = 0; i < 1_000; i++)
        {
            service.Proxy.Remember(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(
            Enumerable.Range(0, 1_000).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)), await service.Proxy.RecallAsync());
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task The_server_calls_back_while_it_handles_a_call(string link)
    {
        var ours = new RpcServices().Add("double", (int n) => n * 2);
        await using var service = await RunningService.StartAsync(link, clientServices: ours, more: services => services.Add(
            "ask", async (RpcConnection caller, int n) => await caller.InvokeAsync<int>("double", [n]) + 1));
        Assert.Equal(43, await service.Client.InvokeAsync<int>("ask", [21], null, Stop));
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_handler_that_never_waits_does_not_keep_others_from_being_cancelled(string link)
    {
        using var entered = new SemaphoreSlim(0);
        await using var service = await RunningService.StartAsync(link, more: services => services.Add("spin", (CancellationToken token) =>
        {
            entered.Release();
            token.WaitHandle.WaitOne(TimeSpan.FromSeconds(20));
            token.ThrowIfCancellationRequested();
            return true;
        }));
        using var cancel = new CancellationTokenSource();

        // On a thread of its own: inside the process the handler runs on its caller's.
        var call = Task.Run(() => service.Client.InvokeAsync<bool>("spin", [], null, cancel.Token), Stop);
        Assert.True(await entered.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2).WaitAsync(TimeSpan.FromSeconds(10), Stop));
    }

    [Fact]
    public async Task Objects_are_shared_inside_the_process_only_when_both_sides_agree()
    {
        Point? received = null;
        void Look(RpcServices services) => services.Add("look", (Point point) => received = point);
        var sent = new Point(1, 2);
        await using var shared = await RunningService.StartAsync("inproc", more: Look);
        await shared.Client.InvokeAsync("look", [sent], null, Stop);
        Assert.Same(sent, received);

        var own = new MessagingOptions { ShareObjectsInProcess = false };
        await using var other = await RpcClient.ConnectAsync(shared.Address, null, own, Stop);
        await other.InvokeAsync("look", [sent], null, Stop);
        Assert.Equal(sent, received);
        Assert.NotSame(sent, received);
    }

    [Fact]
    public void Interfaces_that_cannot_be_called_remotely_are_refused_with_the_reason()
    {
        var failure = Assert.Throws<ArgumentException>(() => new RpcServices().Add(_ => (IBlocking)null!));
        Assert.Contains("IBlocking.Compute must return Task", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RpcServices().Add("a", () => 1).Add("a", () => 2));
        Assert.Throws<ArgumentException>(() => new RpcServices().Add("$/own", () => 1));
        Assert.Throws<ArgumentException>(() => new RpcServices().Add("byReference", (ref int a) => a));
    }

    [Fact]
    public async Task Error_data_reaches_the_caller()
    {
        await using var service = await RunningService.StartAsync("tcp", more: services => services.Add(
            "detail", int () => throw new RpcException(7, "See the data.") { ErrorData = JsonSerializer.SerializeToElement(new { field = "x" }) }));
        var failure = await Assert.ThrowsAsync<RpcException>(() => service.Client.InvokeAsync<int>("detail", [], null, Stop));
        Assert.Equal("x", failure.ErrorData!.Value.GetProperty("field").GetString());
    }

    private static async IAsyncEnumerable<int> Numbers(int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (i % 10 == 0)
            {
                await Task.Yield();
            }

            yield return i;
        }
    }

    private interface IBlocking
    {
        int Compute();
    }

    private sealed class OrderedProgress : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value) => Values.Add(value);
    }
}
