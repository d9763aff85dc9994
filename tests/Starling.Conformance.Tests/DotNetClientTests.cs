using SocketIOClient;

namespace Starling.Conformance.Tests;

/// <summary>The .NET client <c>SocketIOClient</c>, which others wrote.</summary>
public sealed class DotNetClientTests
{
    [Fact]
    public async Task It_connects_emits_and_gets_acknowledgements()
    {
        await using var server = await ConformanceServer.StartAsync();
        using var client = new SocketIO(server.Url);
        var back = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.On("echo-back", response => back.TrySetResult(response.GetValue<string>()));

        // ConnectAsync of this client may return before it has sent its CONNECT packet, and an event ahead of that ends the session,
        // as the protocol wants: its documentation emits from OnConnected.
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.OnConnected += (_, _) => connected.TrySetResult();
        await client.ConnectAsync();
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        await client.EmitAsync("echo", "hällo");
        Assert.Equal("hällo", await back.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        var sum = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await client.EmitAsync("add", response => sum.TrySetResult(response.GetValue<int>()), 2, 3);
        Assert.Equal(5, await sum.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await client.DisconnectAsync();
    }
}
