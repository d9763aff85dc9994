using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Calls;

/// <summary>What is longer than a message may be fails alone, and says what to do; the connection and its other calls go on.</summary>
public sealed class LongMessageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("inproc-bytes")]
    public async Task Arguments_results_and_notifications_that_are_too_long_fail_alone(string link)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await RunningService.StartAsync(link, options => options.MaxMessageBytes = 100_000, more: services => services
            .Add("slow", async () =>
            {
                await release.Task;
                return 5;
            })
            .Add("letters", (int count) => new string('x', count))
            .Add("flood", NumbersAsync));
        var other = service.Client.InvokeAsync<int>("slow", [], null, Stop);
        var connection = service.Client.Connection;

        var argument = await Assert.ThrowsAsync<ArgumentException>(() => service.Proxy.JoinAsync([new string('x', 200_000)]).AsTask());
        Assert.Contains("MaxMessageBytes", argument.Message, StringComparison.Ordinal);
        Assert.Contains("stream", argument.Message, StringComparison.Ordinal);

        var result = await Assert.ThrowsAsync<RpcException>(() => service.Client.InvokeAsync<string>("letters", [200_000], null, Stop));
        Assert.Equal(RpcErrorCodes.InternalError, result.Code);
        Assert.Contains("MaxMessageBytes", result.Message, StringComparison.Ordinal);

        await Assert.ThrowsAsync<ArgumentException>(() => service.Client.NotifyAsync("remember", [new string('x', 200_000)], Stop).AsTask());
        await Assert.ThrowsAsync<RpcException>(async () => await service.Client.StreamAsync<string>("flood", [], Stop).CountAsync(Stop));

        Assert.Equal(99_000, (await service.Client.InvokeAsync<string>("letters", [99_000], null, Stop)).Length);
        release.SetResult();
        Assert.Equal(5, await other);
        Assert.Same(connection, service.Client.Connection);
    }

    private static async IAsyncEnumerable<string> NumbersAsync()
    {
        await Task.Yield();
        yield return new string('x', 200_000);
    }
}
