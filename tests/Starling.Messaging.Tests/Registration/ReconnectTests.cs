using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Starling.Messaging.Tests.Registration;

/// <summary>What a client does while its connection is lost.</summary>
public sealed class ReconnectTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tcp")]
    [InlineData("inproc")]
    public async Task A_handler_of_its_events_that_fails_does_not_keep_it_from_connecting_again(string link)
    {
        await using var service = await RunningService.StartAsync(link);
        service.Client.Disconnected += _ => throw new InvalidOperationException("A bug.");
        service.Client.Connected += _ => throw new InvalidOperationException("Another.");
        for (var i = 0; i < 2; i++)
        {
            service.Client.Connection!.Abort();
            Assert.Equal(3, await service.Client.GetService<ICalculator>(TimeSpan.FromSeconds(10)).AddAsync(1, 2));
        }
    }

    [Fact]
    public async Task A_server_that_accepts_and_closes_at_once_is_asked_with_growing_pauses()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepted = 0;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var accepting = Task.Run(async () =>
        {
            while (true)
            {
                (await listener.AcceptTcpClientAsync(ending.Token)).Dispose();
                accepted++;
            }
        }, Stop);
        var options = new MessagingOptions { ReconnectDelay = TimeSpan.FromMilliseconds(200) };
        await using (RpcClient.Start($"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", null, options))
        {
            await Task.Delay(TimeSpan.FromSeconds(2), Stop);
        }

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting);
        Assert.InRange(accepted, 2, 12);
    }

    [Fact]
    public async Task A_call_that_waited_for_its_connection_has_only_the_rest_of_its_time()
    {
        var port = FreePort();
        await using var client = RpcClient.Start($"tcp://127.0.0.1:{port}", null, new MessagingOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(200) });
        var watch = Stopwatch.StartNew();
        var call = client.InvokeAsync("silence", [], TimeSpan.FromSeconds(3), Stop);
        await Task.Delay(TimeSpan.FromSeconds(2), Stop);
        await using var server = await RpcServer.StartAsync(
            $"tcp://127.0.0.1:{port}", new RpcServices().Add("silence", (CancellationToken token) => Task.Delay(Timeout.Infinite, token)), null, Stop);
        await Assert.ThrowsAsync<TimeoutException>(() => call);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(2.8), TimeSpan.FromSeconds(4.5));
    }

    [Fact]
    public async Task Connecting_that_is_cancelled_says_so()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var connecting = RpcClient.ConnectAsync($"tcp://127.0.0.1:{FreePort()}", cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
