using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Calls;

public sealed class BatchTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(RunningService.Links), MemberType = typeof(RunningService))]
    public async Task Calls_and_notifications_go_together_and_each_call_has_its_own_end(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        var batch = service.Client.CreateBatch();
        var calculator = batch.GetService<ICalculator>();
        calculator.Remember("first");
        var sum = calculator.AddAsync(1, 2);
        var failure = calculator.FailAsync(7);
        var loose = batch.InvokeAsync<string>("join", [new[] { "a", "b" }, "+"], cancellationToken: Stop);
        batch.Notify("remember", "second");
        var unknown = batch.InvokeAsync<int>("nothing", [], cancellationToken: Stop);
        Assert.Equal(6, batch.Count);
        Assert.False(sum.IsCompleted);

        await batch.SendAsync(Stop);

        Assert.Equal(3, await sum);
        Assert.Equal("a+b", await loose);
        Assert.Equal(7, (await Assert.ThrowsAsync<RpcException>(() => failure)).Code);
        Assert.Equal(RpcErrorCodes.MethodNotFound, (await Assert.ThrowsAsync<RpcException>(() => unknown)).Code);
        Assert.Equal(["first", "second"], await service.Proxy.RecallAsync());
    }

    [Fact]
    public async Task Answers_in_another_order_find_their_calls()
    {
        await using var node = await BatchPeer.StartAsync();
        var batch = node.Client.CreateBatch();
        var sums = Enumerable.Range(0, 200).Select(i => batch.InvokeAsync<int>("add", [i, 1000], cancellationToken: Stop)).ToArray();
        batch.Notify("note", "hello");
        var failure = batch.InvokeAsync<int>("fail", [42], cancellationToken: Stop);
        await batch.SendAsync(Stop);

        Assert.Equal(Enumerable.Range(1000, 200), await Task.WhenAll(sums));
        Assert.Equal(42, (await Assert.ThrowsAsync<RpcException>(() => failure)).Code);
        Assert.Equal(["hello"], await node.Client.InvokeAsync<string[]>("notified", [], cancellationToken: Stop));
        Assert.Equal(202, Assert.Single(await node.FramesAsync()));
    }

    [Fact]
    public async Task One_call_may_run_out_of_time_and_another_be_given_up_without_harm_to_the_rest()
    {
        await using var node = await BatchPeer.StartAsync();
        using var given = new CancellationTokenSource();
        using var early = new CancellationTokenSource();
        var batch = node.Client.CreateBatch();
        var late = batch.InvokeAsync<int>("never", [], TimeSpan.FromMilliseconds(300), Stop);
        var cancelled = batch.InvokeAsync<int>("never", [], TimeSpan.FromMinutes(5), given.Token);
        var unsent = batch.InvokeAsync<int>("add", [1, 1], cancellationToken: early.Token);
        var sum = batch.InvokeAsync<int>("add", [1, 2], cancellationToken: Stop);
        await early.CancelAsync();
        await batch.SendAsync(Stop);

        Assert.Equal(3, await sum);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unsent);
        await Assert.ThrowsAsync<TimeoutException>(() => late);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(3, Assert.Single(await node.FramesAsync()));
    }

    [Fact]
    public async Task A_batch_that_is_longer_than_a_message_may_be_goes_as_several()
    {
        await using var node = await BatchPeer.StartAsync(new MessagingOptions { MaxMessageBytes = 10_000 });
        var batch = node.Client.CreateBatch();
        var text = new string('x', 900);
        var lengths = Enumerable.Range(0, 50).Select(_ => batch.InvokeAsync<int>("length", [text], cancellationToken: Stop)).ToArray();
        var tooLong = batch.InvokeAsync<int>("length", [new string('x', 10_000)], cancellationToken: Stop);
        await batch.SendAsync(Stop);

        Assert.All(await Task.WhenAll(lengths), length => Assert.Equal(900, length));
        Assert.Contains("MaxMessageBytes", (await Assert.ThrowsAsync<ArgumentException>(() => tooLong)).Message, StringComparison.Ordinal);
        var frames = await node.FramesAsync();
        Assert.Equal(50, frames.Sum());
        Assert.InRange(frames.Length, 5, 7);
    }

    [Fact]
    public async Task A_batch_of_more_calls_than_may_be_unanswered_is_refused_and_one_that_fits_waits_for_room()
    {
        await using var node = await BatchPeer.StartAsync(new MessagingOptions { MaxPendingCalls = 10 });
        var large = node.Client.CreateBatch();
        var calls = Enumerable.Range(0, 11).Select(i => large.InvokeAsync<int>("add", [i, 1], cancellationToken: Stop)).ToArray();
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => large.SendAsync(Stop));
        Assert.Contains("11 calls", refusal.Message, StringComparison.Ordinal);
        foreach (var call in calls)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => call);
        }

        // Each alone takes most of the places, so they must go one after the other.
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var batch = node.Client.CreateBatch();
            var sums = Enumerable.Range(0, 8).Select(i => batch.InvokeAsync<int>("add", [i, 1], cancellationToken: Stop)).ToArray();
            await batch.SendAsync(Stop);
            Assert.Equal(Enumerable.Range(1, 8), await Task.WhenAll(sums));
        }));
    }

    [Fact]
    public async Task A_batch_for_which_there_is_no_room_ends_with_the_time_of_its_calls()
    {
        await using var node = await BatchPeer.StartAsync(new MessagingOptions { MaxPendingCalls = 2 });
        var stuck = node.Client.InvokeAsync<int>("never", [], TimeSpan.FromMinutes(5), Stop);
        var batch = node.Client.CreateBatch();
        var calls = Enumerable.Range(0, 2).Select(i => batch.InvokeAsync<int>("add", [i, 1], TimeSpan.FromMilliseconds(200), Stop)).ToArray();
        await Assert.ThrowsAsync<TimeoutException>(() => batch.SendAsync(Stop));
        await Assert.ThrowsAsync<TimeoutException>(() => calls[0]);
        await Assert.ThrowsAsync<TimeoutException>(() => calls[1]);

        Assert.Equal(3, await node.Client.InvokeAsync<int>("add", [1, 2], cancellationToken: Stop));
        Assert.False(stuck.IsCompleted);
    }

    [Fact]
    public async Task Answers_that_are_too_long_for_one_message_come_in_several()
    {
        await using var service = await RunningService.StartAsync("tcp", options => options.MaxMessageBytes = 4000);
        var batch = service.Client.CreateBatch();
        var calculator = batch.GetService<ICalculator>();
        var joined = Enumerable.Range(0, 40).Select(i => calculator.JoinAsync([$"{i}", "", "", ""], new string('y', 300)).AsTask()).ToArray();
        await batch.SendAsync(Stop);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => i + new string('y', 900)), await Task.WhenAll(joined));
    }

    [Fact]
    public async Task A_batch_is_sent_once_and_not_empty()
    {
        await using var service = await RunningService.StartAsync("tcp");
        var batch = service.Client.CreateBatch();
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.SendAsync(Stop));
        batch.Notify("remember", "once");
        await batch.SendAsync(Stop);
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.SendAsync(Stop));
        Assert.Throws<InvalidOperationException>(() => batch.Notify("remember", "late"));
        Assert.Equal(["once"], await service.Proxy.RecallAsync());
    }

    [Fact]
    public async Task The_end_of_the_connection_ends_all_calls_of_a_batch()
    {
        await using var node = await BatchPeer.StartAsync();
        var connection = node.Client.Connection!;
        var batch = connection.CreateBatch();
        var calls = Enumerable.Range(0, 3).Select(_ => batch.InvokeAsync<int>("never", [], cancellationToken: Stop)).ToArray();
        await batch.SendAsync(Stop);
        connection.Abort();
        foreach (var call in calls)
        {
            await Assert.ThrowsAsync<ConnectionLostException>(() => call);
        }

        var late = connection.CreateBatch();
        var unsent = late.InvokeAsync<int>("add", [1, 2], cancellationToken: Stop);
        await Assert.ThrowsAsync<ConnectionLostException>(() => late.SendAsync(Stop));
        await Assert.ThrowsAsync<ConnectionLostException>(() => unsent);
    }

    private sealed class BatchPeer(NodeProcess node, RpcClient client) : IAsyncDisposable
    {
        public RpcClient Client { get; } = client;

        public static async Task<BatchPeer> StartAsync(MessagingOptions? options = null)
        {
            var node = NodeProcess.Start("batch.mjs");
            return new BatchPeer(node, await RpcClient.ConnectAsync($"tcp://127.0.0.1:{await node.ReadLineAsync()}", options: options, cancellationToken: Stop));
        }

        /// <summary>How many messages each batch had that it was sent.</summary>
        public Task<int[]> FramesAsync() => Client.InvokeAsync<int[]>("frames", [], cancellationToken: Stop);

        public async ValueTask DisposeAsync()
        {
            Client.Connection?.Abort();
            await Client.DisposeAsync();
            await node.DisposeAsync();
        }
    }
}
