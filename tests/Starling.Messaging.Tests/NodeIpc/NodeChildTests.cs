using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Starling.Messaging.NodeIpc;

namespace Starling.Messaging.Tests.NodeIpc;

/// <summary>This process is the parent of unmodified Node.js.</summary>
public sealed class NodeChildTests
{
    [Fact]
    public async Task Messages_go_both_ways()
    {
        await using var node = ChannelChild.StartNode("process.on('message', m => process.send({ got: m, pid: process.pid }))");
        await node.Channel.SendAsync(new { Text = "ä\n\u2028", Numbers = new[] { 1.5, 2 } });
        var answer = (await node.ReadAsync()).Body;
        Assert.Equal("ä\n\u2028", answer.GetProperty("got").GetProperty("text").GetString());
        Assert.Equal(1.5, answer.GetProperty("got").GetProperty("numbers")[0].GetDouble());
        await node.Channel.SendUtf8Async("\n{ \"a\" :\n 1 }\n"u8.ToArray());
        Assert.Equal("""{"a":1}""", (await node.ReadAsync()).Body.GetProperty("got").GetRawText());
        await node.Channel.SendAsync("shutdown");
        Assert.Equal("shutdown", (await node.ReadAsync()).Body.GetProperty("got").GetString());
    }

    [Fact]
    public async Task Long_messages_arrive_whole_and_in_order()
    {
        await using var node = ChannelChild.StartNode("process.on('message', m => process.send(m))");
        var sizes = new[] { 3, 700_000, 1, 65_536, 65_535, 2_000_000, 10 };
        var sending = Task.Run(async () =>
        {
            foreach (var size in sizes)
            {
                await node.Channel.SendAsync(new string('x', size));
            }
        });
        foreach (var size in sizes)
        {
            Assert.Equal(size, (await node.ReadAsync()).Read<string>()!.Length);
        }

        await sending;
    }

    [Fact]
    public async Task Disconnecting_here_is_disconnect_there_after_all_messages()
    {
        await using var node = ChannelChild.StartNode(
            "let n = 0; process.on('message', () => n++); process.on('disconnect', () => process.exit(n === 1000 ? 42 : 1))");
        for (var i = 0; i < 1000; i++)
        {
            await node.Channel.SendAsync(i);
        }

        await node.Channel.DisconnectAsync();
        Assert.True(node.Channel.Disconnected.IsCompleted);
        Assert.Equal(42, await node.Exited.WaitAsync(ChannelChild.Limit));
        await Assert.ThrowsAsync<NodeChannelException>(() => node.Channel.SendAsync(1));
    }

    [Fact]
    public async Task Disconnect_there_ends_the_channel_after_its_messages()
    {
        await using var node = ChannelChild.StartNode("process.send('last', () => process.disconnect()); setInterval(() => 0, 1000)");
        await node.Channel.Disconnected.WaitAsync(ChannelChild.Limit);
        Assert.True((await node.ReadAsync()).Is("last"));
        Assert.Null(node.Channel.Error);
        await node.Channel.Messages.Completion.WaitAsync(ChannelChild.Limit);
    }

    [Fact]
    public async Task A_killed_child_ends_the_channel()
    {
        await using var node = ChannelChild.StartNode("process.send('up'); setInterval(() => 0, 1000)");
        Assert.True((await node.ReadAsync()).Is("up"));
        node.Kill();
        Assert.Equal(128 + 9, await node.Exited.WaitAsync(ChannelChild.Limit));
        await node.Channel.Disconnected.WaitAsync(ChannelChild.Limit);
    }

    [Fact]
    public async Task Accepted_connections_are_handed_over_and_served_there()
    {
        await using var node = ChannelChild.StartNode(
            "process.on('message', (m, socket) => { socket.write(`hello ${m.name}`); socket.end(); })");
        using var listener = Listen();
        for (var i = 0; i < 20; i++)
        {
            using var client = await ConnectAsync(listener);
            using (var accepted = await listener.AcceptAsync())
            {
                await node.Channel.SendAsync(new { Name = i }, accepted);
            }

            Assert.Equal($"hello {i}", await ReadToEndAsync(client));
        }
    }

    [Fact]
    public async Task Many_handles_in_flight_keep_their_order_among_messages()
    {
        await using var node = ChannelChild.StartNode(
            "process.on('message', (m, s) => { process.send([m, !!s]); if (s) s.end('' + m); })");
        using var listener = Listen();
        var clients = new List<Socket>();
        for (var i = 0; i < 50; i++)
        {
            if (i % 5 == 4)
            {
                await node.Channel.SendAsync(i);
                continue;
            }

            clients.Add(await ConnectAsync(listener));
            using var accepted = await listener.AcceptAsync();
            await node.Channel.SendAsync(i, accepted);
        }

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal($"[{i},{(i % 5 != 4 ? "true" : "false")}]", await node.ReadTextAsync());
        }

        foreach (var client in clients)
        {
            Assert.NotEqual("", await ReadToEndAsync(client));
            client.Dispose();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_listening_socket_is_shared_with_the_child(bool overUnix)
    {
        await using var node = ChannelChild.StartNode("""
            process.on('message', (m, server) => {
              server.on('connection', s => s.end('node'));
              process.send('listening');
            })
            """);
        var path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.sock");
        using var listener = overUnix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : Listen();
        if (overUnix)
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
        }

        try
        {
            await node.Channel.SendAsync("server", listener);
            Assert.True((await node.ReadAsync()).Is("listening"));
            using var client = await ConnectAsync(listener);
            Assert.Equal("node", await ReadToEndAsync(client));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_udp_socket_is_shared_with_the_child()
    {
        await using var node = ChannelChild.StartNode("""
            process.on('message', (m, socket) => {
              socket.on('message', d => process.send(d.toString()));
              process.send('bound');
            })
            """);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await node.Channel.SendAsync("udp", NodeHandleKind.DatagramSocket, socket.SafeHandle);
        Assert.True((await node.ReadAsync()).Is("bound"));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.SendToAsync("datagram"u8.ToArray(), socket.LocalEndPoint!);
        Assert.True((await node.ReadAsync()).Is("datagram"));
    }

    [Fact]
    public async Task The_child_sends_connections_and_servers_back()
    {
        await using var node = ChannelChild.StartNode("""
            const net = require('net');
            const server = net.createServer({ pauseOnConnect: true }, s => process.send('connection', s));
            server.listen(0, '127.0.0.1', () => { process.send(server.address().port); process.send('server', server, { keepOpen: true }); });
            """);
        var port = (await node.ReadAsync()).Read<int>();
        var message = await node.ReadAsync();
        Assert.True(message.Is("server"));
        using (var handle = message.Handle!)
        {
            Assert.Equal(NodeHandleKind.Server, handle.Kind);
            using var listener = handle.ToSocket();
            Assert.Equal(port, ((IPEndPoint)listener.LocalEndPoint!).Port);
        }

        for (var i = 0; i < 5; i++)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(IPAddress.Loopback, port);
            using var handle = (await node.ReadAsync()).Handle!;
            Assert.Equal(NodeHandleKind.Socket, handle.Kind);
            using (var connection = handle.ToSocket())
            {
                await connection.SendAsync("starling"u8.ToArray());
                connection.Shutdown(SocketShutdown.Send);
            }

            Assert.Equal("starling", await ReadToEndAsync(client));
        }
    }

    [Fact]
    public async Task A_flood_from_the_child_waits_until_it_is_read()
    {
        await using var node = ChannelChild.StartNode("for (let i = 0; i < 50000; i++) process.send([i, 'x'.repeat(200)])");
        for (var i = 0; i < 50_000; i++)
        {
            var body = (await node.ReadAsync()).Body;
            Assert.Equal(i, body[0].GetInt32());
        }
    }

    [Fact]
    public async Task A_flood_to_the_child_waits_until_it_is_read()
    {
        await using var node = ChannelChild.StartNode("""
            let n = 0;
            const end = Date.now() + 500;
            process.on('message', m => { while (Date.now() < end); if (m[0] !== n++) process.exit(1); if (n === 50000) process.send(n); })
            """);
        var text = new string('x', 200);
        for (var i = 0; i < 50_000; i++)
        {
            await node.Channel.SendAsync(new JsonElement[] { JsonSerializer.SerializeToElement(i), JsonSerializer.SerializeToElement(text) });
        }

        Assert.Equal("50000", await node.ReadTextAsync());
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    private static async Task<Socket> ConnectAsync(Socket listener)
    {
        var client = listener.AddressFamily == AddressFamily.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        return client;
    }

    private static async Task<string> ReadToEndAsync(Socket client)
    {
        await using var stream = new NetworkStream(client, ownsSocket: false);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(ChannelChild.Limit);
    }
}
