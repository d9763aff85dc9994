using System.Runtime.CompilerServices;

namespace Starling.Messaging.Tests.Calls;

/// <summary>Mistakes of the application stay its own: they end no connection, no process, and leak nothing.</summary>
public sealed class CarelessCodeTests
{
    public static TheoryData<string> Links => RunningService.Links;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task What_a_handler_does_when_it_is_cancelled_may_fail(string link)
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await RunningService.StartAsync(link, more: services => services.Add("waitCarelessly", async (CancellationToken token) =>
        {
            using var registration = token.Register(() =>
            {
                ran.TrySetResult();
                throw new InvalidOperationException("A bug.");
            });
            began.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        }));
        using var cancel = new CancellationTokenSource();
        var call = service.Client.InvokeAsync("waitCarelessly", [], null, cancel.Token);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        var cancelling = Record.ExceptionAsync(cancel.CancelAsync);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await ran.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        await cancelling;
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2));
    }

    [Fact]
    public async Task The_alarm_may_fail()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await RunningService.StartAsync(
            "tcp",
            options =>
            {
                options.MaxPendingCalls = 2;
                options.MaxQueuedRequests = 2;
                options.OnQueueAlarm = _ => throw new InvalidOperationException("A bug.");
            },
            more: services => services.Add("slow", async () =>
            {
                await release.Task;
                return 1;
            }));
        var calls = Enumerable.Range(0, 6).Select(_ => service.Client.InvokeAsync<int>("slow", [], null, Stop)).ToArray();
        release.SetResult();
        Assert.Equal(6, (await Task.WhenAll(calls)).Sum());
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_token_that_lives_long_keeps_nothing_of_the_calls_it_was_given_to(string link)
    {
        var seen = new List<WeakReference>();
        await using var service = await RunningService.StartAsync(link, more: services => services.Add("touch", async (CancellationToken token) =>
        {
            Watch(seen, token);
            await Task.Yield();
            return 1;
        }));
        using var lifetime = new CancellationTokenSource();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(1, await service.Client.InvokeAsync<int>("touch", [], null, lifetime.Token));
        }

        for (var i = 0; i < 50 && seen.Count(one => one.IsAlive) > 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(20, Stop);
        }

        Assert.InRange(seen.Count(one => one.IsAlive), 0, 2);
        GC.KeepAlive(lifetime);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Watch(List<WeakReference> seen, CancellationToken token)
    {
        var state = new object();
        seen.Add(new WeakReference(state));
        token.UnsafeRegister(static _ => { }, state);
    }
}
