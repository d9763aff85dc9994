using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Starling.Messaging.NodeIpc.Cluster;

namespace Starling.Messaging.Tests.NodeIpc;

/// <summary>Unmodified scripts believe that they are workers of Node's cluster module.</summary>
public sealed class ClusterTests
{
    private const string Server =
        "require('http').createServer((q, s) => { s.setHeader('Connection', 'close'); s.end(process.env.NODE_ID) }).listen(Number(process.env.PORT));";

    [Fact]
    public async Task Two_workers_share_the_port_that_the_first_one_got()
    {
        using var sockets = new ClusterSockets();
        var primary = new ClusterPrimary(sockets.OpenAsync);
        await using var first = Worker(primary, 1, Server, out var firstWorker, start: false);
        var port = await ListeningAsync(firstWorker, first);
        await using var second = Worker(primary, 2, Server, out var secondWorker, start: false);
        Assert.Equal(port, await ListeningAsync(secondWorker, second));

        var seen = new HashSet<string>();
        using var client = new HttpClient();
        for (var i = 0; i < 200; i++)
        {
            seen.Add(await client.GetStringAsync($"http://127.0.0.1:{port}/"));
        }

        Assert.Superset(new HashSet<string> { "1" }, seen);
        first.Kill();
        await first.Exited.WaitAsync(ChannelChild.Limit);
        Assert.Equal("2", await client.GetStringAsync($"http://127.0.0.1:{port}/"));
    }

    [Fact]
    public async Task A_shared_socket_makes_no_worker_wait_for_a_connection_that_another_took()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self/fdinfo"), "Only Linux shows how a descriptor is set.");
        using var sockets = new ClusterSockets();
        System.Runtime.InteropServices.SafeHandle? shared = null;
        var primary = new ClusterPrimary(async (address, cancellationToken) => shared = await sockets.OpenAsync(address, cancellationToken));
        await using var node = Worker(primary, 1, Server, out var worker, start: false);
        await ListeningAsync(worker, node);
        var flags = (await File.ReadAllLinesAsync($"/proc/self/fdinfo/{shared!.DangerousGetHandle()}")).First(line => line.StartsWith("flags:", StringComparison.Ordinal));
        const int NonBlocking = 0x800;
        Assert.Equal(NonBlocking, Convert.ToInt32(flags.Split('\t')[1], 8) & NonBlocking);
    }

    [Fact]
    public async Task A_worker_tells_when_it_is_online_and_ends_when_it_is_asked_to_disconnect()
    {
        using var sockets = new ClusterSockets();
        var primary = new ClusterPrimary(sockets.OpenAsync);
        var events = new ConcurrentQueue<string>();
        await using var node = Worker(primary, 1, Server, out var worker, start: false);
        var gone = new TaskCompletionSource();
        worker.Online += () => events.Enqueue("online");
        worker.Listening += address => events.Enqueue($"listening {address.Kind}");
        worker.Disconnected += () => { events.Enqueue("disconnected"); gone.SetResult(); };
        await ListeningAsync(worker, node);
        Assert.Single(worker.Servers);
        await worker.DisconnectAsync();
        Assert.Equal(0, await node.Exited.WaitAsync(ChannelChild.Limit));
        await gone.Task.WaitAsync(ChannelChild.Limit);
        Assert.Equal(["online", "listening Tcp", "disconnected"], events);
        Assert.True(worker.ExitedAfterDisconnect);
        Assert.Empty(worker.Servers);
    }

    [Fact]
    public async Task A_worker_that_disconnects_itself_says_that_it_meant_to()
    {
        using var sockets = new ClusterSockets();
        await using var node = Worker(
            new ClusterPrimary(sockets.OpenAsync), 7, "require('cluster').worker.disconnect(); process.exitCode = require('cluster').worker.id", out var worker);
        Assert.Equal(7, await node.Exited.WaitAsync(ChannelChild.Limit));
        Assert.True(worker.ExitedAfterDisconnect);
    }

    [Fact]
    public async Task A_second_server_on_port_0_gets_a_port_of_its_own()
    {
        using var sockets = new ClusterSockets();
        await using var node = Worker(new ClusterPrimary(sockets.OpenAsync), 1, """
            const net = require('net');
            const ports = [];
            for (let i = 0; i < 2; i++) {
              const s = net.createServer().listen(0, '127.0.0.1', () => { ports.push(s.address().port); if (ports.length === 2) process.send(ports); });
            }
            """, out _);
        var ports = (await node.ReadAsync()).Read<int[]>()!;
        Assert.NotEqual(ports[0], ports[1]);
    }

    [Fact]
    public async Task A_port_in_use_is_the_error_that_the_script_would_get_from_Node()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var sockets = new ClusterSockets();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var node = Worker(new ClusterPrimary(sockets.OpenAsync), 1,
            $"require('net').createServer().on('error', e => process.send(e.code)).listen({port}, '127.0.0.1')", out _);
        Assert.True((await node.ReadAsync()).Is("EADDRINUSE"));
    }

    [Fact]
    public async Task An_exclusive_server_asks_nobody()
    {
        await using var node = Worker(new ClusterPrimary((_, _) => throw new InvalidOperationException("Nobody should ask.")), 1,
            "require('net').createServer().listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => process.send('up'))", out _);
        Assert.True((await node.ReadAsync()).Is("up"));
    }

    [Fact]
    public async Task Unix_sockets_and_datagrams_are_shared_too()
    {
        var path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.sock");
        using (var sockets = new ClusterSockets())
        {
            await using var node = Worker(new ClusterPrimary(sockets.OpenAsync), 1, $$"""
                require('net').createServer(s => s.end('unix')).listen('{{path}}', () => process.send('unix'));
                const udp = require('dgram').createSocket('udp4');
                udp.on('message', (m, r) => udp.send(m, r.port, r.address));
                udp.bind(0, '127.0.0.1', () => process.send(udp.address().port));
                """, out _);
            var answers = new[] { (await node.ReadAsync()).Body, (await node.ReadAsync()).Body };
            var port = answers.Single(static body => body.ValueKind == System.Text.Json.JsonValueKind.Number).GetInt32();

            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            var bytes = new byte[100];
            Assert.Equal("unix", Encoding.UTF8.GetString(bytes, 0, await client.ReceiveAsync(bytes).WaitAsync(ChannelChild.Limit)));

            using var datagrams = new UdpClient(0, AddressFamily.InterNetwork);
            await datagrams.SendAsync("echo"u8.ToArray(), "127.0.0.1", port);
            Assert.Equal("echo", Encoding.UTF8.GetString((await datagrams.ReceiveAsync().WaitAsync(ChannelChild.Limit)).Buffer));
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Connections_can_be_handed_out_one_at_a_time()
    {
        using var sockets = new ClusterSockets();
        var primary = new ClusterPrimary(sockets.OpenAsync) { HandsOutConnections = true };
        await using var node = Worker(primary, 3, Server, out var worker, start: false);
        var port = await ListeningAsync(worker, node);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var key = Assert.Single(worker.Servers).Key;
        Assert.NotEqual(0, port);

        using var client = new HttpClient();
        var answer = client.GetStringAsync($"http://{listener.LocalEndpoint}/");
        using (var connection = await listener.AcceptSocketAsync())
        {
            Assert.True(await worker.OfferAsync(key, connection).WaitAsync(ChannelChild.Limit));
        }

        Assert.Equal("3", await answer.WaitAsync(ChannelChild.Limit));
        using var other = new TcpClient();
        await other.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var unwanted = await listener.AcceptSocketAsync();
        Assert.False(await worker.OfferAsync("unknown", unwanted).WaitAsync(ChannelChild.Limit));
    }

    private static ChannelChild Worker(ClusterPrimary primary, int id, string script, out ClusterWorker worker, bool start = true)
    {
        // A file, as users have it.
        var file = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.cjs");
        File.WriteAllText(file, script);
        var child = ChannelChild.Start("node", [file], start: false, (ClusterPrimary.UniqueIdVariable, $"{id}"), ("NODE_ID", $"{id}"), ("PORT", "0"));
        worker = primary.Attach(child.Channel, id);
        _ = child.Exited.ContinueWith(_ => File.Delete(file), TaskScheduler.Default);
        if (start)
        {
            child.Channel.Start();
        }

        return child;
    }

    private static async Task<int> ListeningAsync(ClusterWorker worker, ChannelChild child)
    {
        var listening = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        worker.Listening += address => listening.TrySetResult(address.Port);
        child.Channel.Start();
        return await listening.Task.WaitAsync(ChannelChild.Limit);
    }
}
