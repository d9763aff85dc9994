namespace Starling.Messaging.Tests.Calls;

/// <summary>Interfaces of services that can be disposed.</summary>
public sealed class DisposableProxyTests
{
    public interface IEcho : IDisposable, IAsyncDisposable
    {
        Task<string> EchoAsync(string text);
    }

    public static TheoryData<string> Links => RunningService.Links;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Disposing_a_proxy_leaves_the_connection_and_the_service_alone(string link)
    {
        await using var service = await RunningService.StartAsync(link, more: services => services.Add<IEcho>(new Echo()));
        await using (var proxy = service.Client.GetService<IEcho>())
        {
            Assert.Equal("a", await proxy.EchoAsync("a"));
            proxy.Dispose();
            Assert.Equal("b", await proxy.EchoAsync("b"));
        }

        Assert.Equal("c", await service.Client.GetService<IEcho>().EchoAsync("c"));
    }

    private sealed class Echo : IEcho
    {
        public Task<string> EchoAsync(string text) => Task.FromResult(text);

        public void Dispose() => throw new InvalidOperationException("The service is not disposed by its callers.");

        public ValueTask DisposeAsync() => throw new InvalidOperationException("The service is not disposed by its callers.");
    }
}
