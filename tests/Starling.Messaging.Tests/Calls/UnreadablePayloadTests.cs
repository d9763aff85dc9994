using System.Collections.Concurrent;
using Starling.Messaging.Tests.Streams;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Calls;

/// <summary>What cannot be read ends its own call, and nothing else.</summary>
public sealed class UnreadablePayloadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(RunningService.Links), MemberType = typeof(RunningService))]
    public async Task A_result_that_its_type_refuses_fails_the_call(string link)
    {
        await using var service = await RunningService.StartAsync(link, more: services => services.Add("point", () => Task.FromResult(new Point(-1, 0))));
        await Assert.ThrowsAnyAsync<Exception>(() => service.Client.InvokeAsync<Positive>("point", [], TimeSpan.FromSeconds(5), Stop))
            .WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2));
    }

    [Theory]
    [MemberData(nameof(RunningService.Links), MemberType = typeof(RunningService))]
    public async Task An_argument_that_its_type_refuses_is_told_to_the_caller(string link)
    {
        await using var service = await RunningService.StartAsync(
            link, more: services => services.Add("root", (Positive number) => Task.FromResult(Math.Sqrt(number.X))));
        var other = service.Proxy.WaitAsync(Stop);
        var e = await Assert.ThrowsAsync<RpcException>(() => service.Client.InvokeAsync<double>("root", [new { x = -1 }], null, Stop));
        Assert.Equal(RpcErrorCodes.InvalidParams, e.Code);
        Assert.Contains("number", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, await service.Client.InvokeAsync<double>("root", [new { x = 9 }], null, Stop));
        Assert.False(other.IsCompleted);
    }

    [Fact]
    public async Task A_stream_too_many_fails_its_call_and_is_closed_at_its_sender()
    {
        var sources = new ConcurrentQueue<EndlessStream>();
        await using var service = await RunningService.StartAsync("tcp", more: services => services.Add("endless", Stream () =>
        {
            var source = new EndlessStream();
            sources.Enqueue(source);
            return source;
        }));
        await using var client = await RpcClient.ConnectAsync(service.Address, null, new MessagingOptions { MaxOpenStreams = 2 }, Stop);
        await using var first = await client.InvokeAsync<Stream>("endless", [], null, Stop);
        await using var second = await client.InvokeAsync<Stream>("endless", [], null, Stop);
        var e = await Assert.ThrowsAsync<RpcException>(() => client.InvokeAsync<Stream>("endless", [], TimeSpan.FromSeconds(5), Stop))
            .WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(RpcErrorCodes.ServerBusy, e.Code);
        await sources.Last().Disposed.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(3, await client.InvokeAsync<int>("add", [1, 2], null, Stop));
    }

    private sealed record Positive
    {
        public Positive(int x) => X = x < 0 ? throw new ArgumentOutOfRangeException(nameof(x), "It must not be negative.") : x;

        public int X { get; }
    }
}
