using System.Diagnostics;

namespace Starling.Messaging.Tests.Calls;

/// <summary>The trace of a caller reaches the handler.</summary>
public sealed class TraceTests
{
    public static TheoryData<string> Links => RunningService.Links;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_handler_belongs_to_the_trace_of_its_caller(string link)
    {
        var notified = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var opening = new Activity("opening").Start();
        await using var service = await RunningService.StartAsync(link, more: services => services
            .Add("trace", () => Trace())
            .Add("notice", () => notified.TrySetResult(Trace())));
        opening.Stop();
        Activity.Current = null;
        Assert.Null(await service.Client.InvokeAsync<string?>("trace", [], null, Stop));
        using var caller = new Activity("caller") { TraceStateString = "vendor=\"a\"" }.Start();
        var expected = $"{caller.TraceId} {caller.TraceStateString}";
        Assert.Equal(expected, await service.Client.InvokeAsync<string?>("trace", [], null, Stop));
        var batch = service.Client.CreateBatch();
        var batched = batch.InvokeAsync<string?>("trace", []);
        await batch.SendAsync(Stop);
        Assert.Equal(expected, await batched);
        await service.Client.NotifyAsync("notice", [], Stop);
        Assert.Equal(expected, await notified.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        Assert.Same(caller, Activity.Current);
    }

    [Theory]
    [InlineData("inproc")]
    [InlineData("tcp")]
    public async Task The_trace_goes_along_into_another_context(string link)
    {
        await using var service = await RunningService.StartAsync(
            link, options => options.HandlerContext = new UnflowingContext(), more: services => services.Add("trace", () => Trace()));
        using var caller = new Activity("caller").Start();
        Assert.Equal($"{caller.TraceId} ", await service.Client.InvokeAsync<string?>("trace", [], null, Stop));
    }

    [Fact]
    public async Task A_listener_sees_the_request_as_a_child_of_the_caller()
    {
        using var caller = new Activity("caller").Start();
        var ended = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Starling.Messaging",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId == caller.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = activity => ended.TrySetResult(activity),
        };
        ActivitySource.AddActivityListener(listener);
        await using var service = await RunningService.StartAsync("unix");
        await Assert.ThrowsAsync<RpcException>(() => service.Proxy.FailAsync(3));
        var activity = await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal((caller.SpanId, ActivityKind.Server, "fail", ActivityStatusCode.Error), (activity.ParentSpanId, activity.Kind, activity.OperationName, activity.Status));
    }

    private static string? Trace() => Activity.Current is { } activity ? $"{activity.TraceId} {activity.TraceStateString}" : null;

    private sealed class UnflowingContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => ThreadPool.UnsafeQueueUserWorkItem(_ => d(state), null);
    }
}
