using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Registration;

public sealed class RegistrationTests
{
    public static TheoryData<string> Links => RunningService.Links;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Peers_are_found_by_name_and_role(string link)
    {
        await using var service = await RunningService.StartAsync(link, options => options.Identity = new PeerIdentity("first", "worker"));
        var peer = await service.Server.Peers.WaitForRoleAsync("worker", Stop);
        Assert.Equal(new PeerIdentity("first", "worker"), peer.Peer);
        Assert.Same(peer, service.Server.Peers.Find("first"));
        Assert.Equal(new PeerIdentity("first", "worker"), service.Client.Connection!.Peer);
        Assert.Empty(service.Server.Peers.InRole("other"));
    }

    [Fact]
    public async Task A_name_belongs_to_who_has_it_as_long_as_he_lives()
    {
        await using var service = await RunningService.StartAsync("tcp", options => options.Identity = new PeerIdentity("one", "worker"));
        var rival = new MessagingOptions { Identity = new PeerIdentity("one", "worker") };
        var refusal = await Assert.ThrowsAsync<RpcException>(() => RpcClient.ConnectAsync(service.Address, null, rival, Stop));
        Assert.Equal(RpcErrorCodes.NameTaken, refusal.Code);

        await service.Client.CloseAsync(Stop);
        await using var heir = await RpcClient.ConnectAsync(service.Address, null, rival, Stop);
        Assert.Same(service.Server.Peers.Find("one")!.Peer, service.Server.Peers.All.Single().Peer);
    }

    [Fact]
    public async Task A_handler_that_fails_keeps_the_news_from_nobody_and_the_peer_leaves_when_it_ends()
    {
        await using var service = await RunningService.StartAsync("tcp");
        var (came, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        service.Server.Peers.Registered += _ => throw new InvalidOperationException("a handler's fault");
        service.Server.Peers.Registered += _ => came.TrySetResult();
        service.Server.Peers.Left += _ => throw new InvalidOperationException("a handler's fault");
        service.Server.Peers.Left += _ => left.TrySetResult();
        var options = new MessagingOptions { Identity = new PeerIdentity("one", "worker") };
        await using (await RpcClient.ConnectAsync(service.Address, null, options, Stop))
        {
            await came.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Empty(service.Server.Peers.All);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("inproc")]
    public async Task A_lost_connection_is_made_again_and_the_client_registers_anew(string link)
    {
        await using var service = await RunningService.StartAsync(link, options =>
        {
            options.Identity = new PeerIdentity("phoenix", "bird");
            options.ReconnectDelay = TimeSpan.FromMilliseconds(10);
        });
        var lost = new TaskCompletionSource();
        service.Client.Disconnected += _ => lost.TrySetResult();
        var pending = service.Proxy.WaitAsync(CancellationToken.None);
        await service.Calculator.WaitBegan.Task.WaitAsync(Stop);
        (await service.Server.Peers.WaitForAsync("phoenix", Stop)).Abort();

        await Assert.ThrowsAsync<ConnectionLostException>(() => pending).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2));
        Assert.Equal("bird", (await service.Server.Peers.WaitForAsync("phoenix", Stop)).Peer!.Role);
    }

    [Fact]
    public async Task A_client_finds_a_server_that_starts_later_and_one_that_starts_again()
    {
        var folder = Directory.CreateTempSubdirectory("starling-later");
        try
        {
            var address = "unix://" + Path.Combine(folder.FullName, "s");
            var options = new MessagingOptions { ReconnectDelay = TimeSpan.FromMilliseconds(10), CloseTimeout = TimeSpan.FromSeconds(1) };
            var connecting = RpcClient.ConnectAsync(address, null, options, Stop);
            await using (await RpcServer.StartAsync(address, new RpcServices().Add("which", () => "first"), options, Stop))
            {
                await using var early = await connecting;
                Assert.Equal("first", await early.InvokeAsync<string>("which", [], null, Stop));
            }

            var second = await RpcServer.StartAsync(address, new RpcServices().Add("which", () => "second"), options, Stop);
            await using var client = await RpcClient.ConnectAsync(address, null, options, Stop);
            Assert.Equal("second", await client.InvokeAsync<string>("which", [], null, Stop));
            var lost = new TaskCompletionSource();
            client.Disconnected += _ => lost.TrySetResult();
            await second.DisposeAsync();
            await lost.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
            await using var third = await RpcServer.StartAsync(address, new RpcServices().Add("which", () => "third"), options, Stop);
            Assert.Equal("third", await client.InvokeAsync<string>("which", [], null, Stop));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_silent_peer_is_found_dead()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var options = new MessagingOptions
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            HeartbeatTimeout = TimeSpan.FromMilliseconds(200),
            Reconnect = false,
        };
        await using var client = await RpcClient.ConnectAsync($"tcp://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}", null, options, Stop);
        var connection = client.Connection!;
        await connection.Completion.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.IsType<TimeoutException>(connection.EndReason);
        await Assert.ThrowsAsync<ConnectionLostException>(() => client.InvokeAsync("x", [], null, Stop));
    }

    [Fact]
    public async Task An_idle_peer_that_answers_stays()
    {
        await using var service = await RunningService.StartAsync("tcp", options =>
        {
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
            options.HeartbeatTimeout = TimeSpan.FromSeconds(5);
        });
        var connection = service.Client.Connection!;
        await Assert.ThrowsAsync<TimeoutException>(() => connection.Completion.WaitAsync(TimeSpan.FromMilliseconds(600), Stop));
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2));
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Closing_lets_what_is_under_way_finish(string link)
    {
        var release = new TaskCompletionSource();
        var began = new TaskCompletionSource();
        await using var service = await RunningService.StartAsync(link, options => options.Reconnect = false, more: services => services.Add("slow", async () =>
        {
            began.SetResult();
            await release.Task;
            return 8;
        }));
        var slow = service.Client.InvokeAsync<int>("slow", [], null, Stop);
        await began.Task.WaitAsync(Stop);
        var closing = service.Server.CloseAsync(Stop);
        Assert.False(closing.IsCompleted);
        release.SetResult();
        Assert.Equal(8, await slow);
        await closing.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }
}
