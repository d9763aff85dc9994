using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Starling.Server.Sockets;
using Socket = System.Net.Sockets.Socket;

namespace Starling.Server.Tests.Transports.Detaching;

/// <summary>WebSockets that outlive their requests, on the transport that <c>UseLeanWebSockets</c> puts under Kestrel.</summary>
public sealed class LeanWebSocketTests
{
    [Fact]
    public async Task What_is_sent_right_behind_the_handshake_is_not_lost()
    {
        await using var server = await RunningServer.StartAsync(lean: true);
        for (var i = 0; i < 50; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, server.Url.Port, TestContext.Current.CancellationToken);
            byte[] join = [0x81, 0x82, 0, 0, 0, 0, .. "40"u8];
            var request = Encoding.ASCII.GetBytes(
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

            // In one packet, in two, and the frame itself in two.
            var cut = (i % 3) switch { 0 => 0, 1 => request.Length, _ => request.Length + 3 };
            byte[] all = [.. request, .. join];
            await socket.SendAsync(all.AsMemory(0, cut), TestContext.Current.CancellationToken);
            await socket.SendAsync(all.AsMemory(cut), TestContext.Current.CancellationToken);
            await ReadUntilAsync(socket, "40{\"sid\"");
        }
    }

    [Fact]
    public async Task Large_messages_pass_whole_both_ways_and_a_client_that_reads_late_gets_all()
    {
        await using var server = await RunningServer.StartAsync(
            options =>
            {
                options.MaxPayload = 4_000_000;
                options.MaxSendQueueBytes = 100_000_000;
            },
            lean: true);
        server.Io.OnRequest<string, string>("echo", (_, text) => Task.FromResult(text!));
        var client = await server.ConnectAsync();
        const int Messages = 12;
        var text = string.Concat(Enumerable.Range(0, 400_000).Select(static i => (char)('a' + (i % 23))));
        for (var i = 0; i < Messages; i++)
        {
            await client.SendAsync($"42{i}[\"echo\",\"{text}\"]");
        }

        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal($"43{i}[\"{text}\"]", await ReceiveLongAsync(client.WebSocket));
        }
    }

    [Fact]
    public async Task A_client_that_leaves_during_a_poll_is_noticed()
    {
        await using var server = await RunningServer.StartAsync(lean: true);
        using var http = server.Http;
        await http.GetStringAsync(new Uri("/socket.io/?EIO=4&transport=polling", UriKind.Relative), TestContext.Current.CancellationToken);
        var session = await http.GetStringAsync(
            new Uri("/socket.io/?EIO=4&transport=polling", UriKind.Relative), TestContext.Current.CancellationToken);
        var id = session.Split('"')[3];
        Assert.Equal(2, server.Io.Engine.SessionCount);

        using (var poll = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await poll.ConnectAsync(IPAddress.Loopback, server.Url.Port, TestContext.Current.CancellationToken);
            await poll.SendAsync(
                Encoding.ASCII.GetBytes($"GET /socket.io/?EIO=4&transport=polling&sid={id} HTTP/1.1\r\nHost: x\r\n\r\n"),
                TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(() => server.Io.Engine.SessionCount == 1, "the session whose client has left is closed");
    }

    [Fact]
    public async Task Clients_are_told_when_the_server_stops_and_it_waits_for_their_answer()
    {
        await using var server = await RunningServer.StartAsync(lean: true);
        var client = await server.ConnectAsync();
        var stopping = server.StopAsync();
        Assert.StartsWith("closed", await client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.False(stopping.IsCompleted);
        await client.WebSocket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        await stopping.WaitAsync(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_connection_that_the_server_closes_gives_its_buffers_back_once()
    {
        await using var server = await RunningServer.StartAsync(lean: true);
        var request = "GET /socket.io/?EIO=9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray();
        await Parallel.ForAsync(0, 5_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellationToken) =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, server.Url.Port, cancellationToken);
            await socket.SendAsync(request, cancellationToken);
            var answer = new byte[1024];
            while (await socket.ReceiveAsync(answer, cancellationToken) > 0)
            {
                // Until the server has closed.
            }
        });

        // What was given back twice is lent to two at once.
        var lent = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.True(lent.Add(System.Buffers.ArrayPool<byte>.Shared.Rent(4096)), "one buffer was lent twice");
        }
    }

    [Fact]
    public async Task An_address_in_use_is_reported_as_Kestrel_does()
    {
        await using var server = await RunningServer.StartAsync(lean: true);
        var error = await Assert.ThrowsAsync<IOException>(() => RunningServer.StartAsync(lean: true, port: server.Url.Port));
        Assert.IsType<Microsoft.AspNetCore.Connections.AddressInUseException>(error.InnerException);
    }

    private static async Task ReadUntilAsync(Socket socket, string expected)
    {
        var received = new StringBuilder();
        var buffer = new byte[4096];
        while (!received.ToString().Contains(expected, StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken)
                .AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            Assert.True(count > 0, "the server has closed the connection after: " + received);
            received.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
    }

    private static async Task<string> ReceiveLongAsync(ClientWebSocket socket)
    {
        var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return Encoding.UTF8.GetString(message.ToArray());
            }
        }
    }
}
