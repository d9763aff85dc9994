using Starling.Messaging.Threads;

namespace Starling.Messaging.Tests.Threads;

public sealed class WorkerThreadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_reports_its_exit_code_and_stays_on_its_thread()
    {
        await using var worker = WorkerThread.Start("counter", async _ =>
        {
            var thread = Environment.CurrentManagedThreadId;
            await Task.Delay(1);
            await Task.Yield();
            return thread == Environment.CurrentManagedThreadId && Thread.CurrentThread.Name == "counter" ? 7 : 8;
        });
        Assert.Equal(7, await worker.Exit.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        Assert.Null(worker.Error);
    }

    [Fact]
    public async Task A_worker_that_fails_reports_one_and_the_error()
    {
        await using var worker = WorkerThread.Start("broken", async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("broken");
        });
        Assert.Equal(1, await worker.Exit.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        Assert.Equal("broken", Assert.IsType<InvalidOperationException>(worker.Error).Message);
    }

    [Fact]
    public async Task A_worker_that_fails_at_being_asked_to_stop_ends_all_the_same_and_may_be_terminated_twice()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var worker = WorkerThread.Start("careless", async context =>
        {
            using var registration = context.Stopping.Register(() => throw new InvalidOperationException("broken"));
            ready.SetResult();
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return 0;
        });
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        var codes = await Task.WhenAll(worker.TerminateAsync(TimeSpan.FromMilliseconds(100)), worker.TerminateAsync(TimeSpan.Zero)).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal([1, 1], codes);
        Assert.False(worker.IsAbandoned);
        Assert.Contains("broken", worker.Error!.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await worker.TerminateAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_posted_to_a_worker_that_has_failed_runs_elsewhere(bool isPostedBefore)
    {
        var ran = new TaskCompletionSource();
        SynchronizationContext? scheduler = null;
        await using var worker = WorkerThread.Start("broken", _ =>
        {
            scheduler = SynchronizationContext.Current!;
            if (isPostedBefore)
            {
                scheduler.Post(_ => ran.SetResult(), null);
            }

            throw new InvalidOperationException("broken");
        });
        Assert.Equal(1, await worker.Exit.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        if (!isPostedBefore)
        {
            scheduler!.Post(_ => ran.SetResult(), null);
        }

        await ran.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Fact]
    public async Task A_worker_that_is_asked_to_stop_chooses_its_exit_code()
    {
        var worker = WorkerThread.Start("polite", async context =>
        {
            await Task.Delay(Timeout.Infinite, context.Stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            return 5;
        });
        Assert.Equal(5, await worker.TerminateAsync().WaitAsync(TimeSpan.FromSeconds(10), Stop));
    }

    [Theory]
    [InlineData("computes", true)]
    [InlineData("sleeps", false)]
    [InlineData("awaits", false)]
    public async Task A_worker_that_does_not_stop_is_woken_or_given_up(string what, bool isAbandoned)
    {
        using var end = new CancellationTokenSource();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var worker = WorkerThread.Start("stubborn", async _ =>
        {
            began.SetResult();
            if (what == "computes")
            {
                while (!end.IsCancellationRequested)
                {
                    Thread.SpinWait(100);
                }
            }
            else if (what == "sleeps")
            {
                Thread.Sleep(Timeout.Infinite);
            }

            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return 0;
        });
        await began.Task.WaitAsync(Stop);
        Assert.Equal(1, await worker.TerminateAsync(TimeSpan.FromMilliseconds(20)).WaitAsync(TimeSpan.FromSeconds(20), Stop));
        Assert.Null(worker.Error);
        Assert.Equal(isAbandoned, worker.IsAbandoned);
        await end.CancelAsync();
    }

    [Theory]
    [InlineData("inproc")]
    [InlineData("tcp")]
    public async Task A_service_can_live_on_a_worker(string link)
    {
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var worker = WorkerThread.Start("service", async context =>
        {
            var counter = 0;
            var services = new RpcServices().Add("next", async () =>
            {
                // No lock: all handlers are on one thread, also after a wait.
                var before = counter;
                counter = before + 1;
                await Task.Yield();
                return Thread.CurrentThread.Name;
            }).Add("count", () => counter);
            await using var server = new RpcServer(services, new MessagingOptions { HandlerContext = context.Scheduler });
            address.SetResult((await server.ListenAsync(RunningService.AddressOf(link, ""), Stop)).ToString());
            await Task.Delay(Timeout.Infinite, context.Stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            return 0;
        });
        await using var client = await RpcClient.ConnectAsync(await address.Task, cancellationToken: Stop);
        var names = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => client.InvokeAsync<string>("next", [], null, Stop))));
        Assert.All(names, name => Assert.Equal("service", name));
        Assert.Equal(500, await client.InvokeAsync<int>("count", [], null, Stop));
        await client.CloseAsync(Stop);
        Assert.Equal(0, await worker.TerminateAsync().WaitAsync(TimeSpan.FromSeconds(20), Stop));
    }
}
