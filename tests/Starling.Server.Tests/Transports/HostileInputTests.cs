using System.Net;
using System.Net.Sockets;
using System.Text;
using Starling.Server.Sockets;
using Socket = System.Net.Sockets.Socket;

namespace Starling.Server.Tests.Transports;

public sealed class HostileInputTests
{
    [Theory]
    [InlineData("abc")]
    [InlineData("4")]
    [InlineData("4abc")]
    [InlineData("49")]
    [InlineData("42{}")]
    [InlineData("42[]")]
    [InlineData("42[null]")]
    [InlineData("42[\"disconnect\"]")]
    [InlineData("42abc[\"x\"]")]
    [InlineData("42[\"x\"")]
    [InlineData("43{}")]
    [InlineData("44\"error\"")]
    [InlineData("40")]
    [InlineData("42/elsewhere,[\"x\"]")]
    [InlineData("451-[\"x\",{\"_placeholder\":true,\"num\":7}]")]
    [InlineData("4511-[\"x\"]")]
    [InlineData("2")]
    [InlineData("b!!!")]
    public async Task A_malformed_packet_ends_its_connection_and_nothing_else(string packet)
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.OnRequest("ping-me", _ => Task.FromResult("pong"));
        var other = await server.ConnectAsync();
        var hostile = await server.ConnectAsync();
        await hostile.SendAsync(packet);
        Assert.StartsWith("closed", await hostile.ReceiveAsync(), StringComparison.Ordinal);
        await other.SendAsync("421[\"ping-me\"]");
        Assert.Equal("431[\"pong\"]", await other.ReceiveAsync());
    }

    [Fact]
    public async Task Binary_without_an_announcement_and_text_within_attachments_end_the_connection()
    {
        await using var server = await RunningServer.StartAsync();
        var unannounced = await server.ConnectAsync();
        await unannounced.SendAsync([1, 2, 3]);
        Assert.StartsWith("closed", await unannounced.ReceiveAsync(), StringComparison.Ordinal);

        var interrupted = await server.ConnectAsync();
        await interrupted.SendAsync("452-[\"x\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
        await interrupted.SendAsync([1]);
        await interrupted.SendAsync("42[\"y\"]");
        Assert.StartsWith("closed", await interrupted.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_over_the_limit_closes_with_1009_and_a_post_over_it_gets_413()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxPayload = 1_000);
        var client = await server.ConnectAsync();
        await client.SendAsync("42[\"" + new string('x', 2_000) + "\"]");
        Assert.Equal("closed 1009", await client.ReceiveAsync());

        using var http = server.Http;
        var open = await http.GetStringAsync("/socket.io/?EIO=4&transport=polling", TestContext.Current.CancellationToken);
        var sid = open.Split("\"sid\":\"")[1].Split('"')[0];
        using var body = new StringContent(new string('4', 2_000));
        using var answer = await http.PostAsync($"/socket.io/?EIO=4&transport=polling&sid={sid}", body, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData(4, "text/plain")]
    [InlineData(3, "text/plain")]
    [InlineData(3, "application/octet-stream")]
    public async Task Text_that_is_no_UTF8_ends_its_own_session_and_reaches_nobody(int version, string mediaType)
    {
        await using var server = await RunningServer.StartAsync(options => options.AllowEIO3 = true);
        server.Io.OnAny(received => server.Io.EmitAsync("relayed", received.Arguments).AsTask());
        var victim = await server.ConnectAsync();
        using var http = server.Http;
        var open = await http.GetStringAsync($"/socket.io/?EIO={version}&transport=polling", TestContext.Current.CancellationToken);
        var address = $"/socket.io/?EIO={version}&transport=polling&sid={open.Split("\"sid\":\"")[1].Split('"')[0]}";
        if (version == 4)
        {
            using var join = new StringContent("40");
            using var joined = await http.PostAsync(address, join, TestContext.Current.CancellationToken);
        }

        var packet = (byte[])[.. "42[\"relay\",\""u8, 0xFF, 0xFE, .. "\"]"u8];
        var payload = (version, mediaType) switch
        {
            (4, _) => packet,
            (_, "text/plain") => (byte[])[.. Encoding.ASCII.GetBytes($"{packet.Length}:"), .. packet],
            _ => [0, (byte)(packet.Length / 10), (byte)(packet.Length % 10), 0xFF, .. packet],
        };
        using var body = new ByteArrayContent(payload) { Headers = { { "Content-Type", mediaType } } };
        using var answer = await http.PostAsync(address, body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await server.Io.EmitAsync("after");
        Assert.Equal("42[\"after\"]", await victim.ReceiveAsync());
    }

    [Fact]
    public async Task An_attachment_is_copied_once_however_often_a_packet_names_it()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.OnRequest<byte[][], int>("files", (_, files) => Task.FromResult(files!.Length));
        var client = await server.ConnectAsync();
        await client.SendAsync("451-1[\"files\",[" + string.Join(',', Enumerable.Repeat("{\"_placeholder\":true,\"num\":0}", 20_000)) + "]]");
        await client.SendAsync(new byte[900_000]);
        await client.SendAsync("452-2[\"files\",[{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]]");
        await client.SendAsync([1]);
        await client.SendAsync([2]);
        Assert.Equal("432[2]", await client.ReceiveAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Random_bytes_on_the_wire_never_harm_the_server(bool lean)
    {
        await using var server = await RunningServer.StartAsync(lean: lean);
        server.Io.OnRequest("ping-me", _ => Task.FromResult("pong"));
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, server.Url.Port, TestContext.Current.CancellationToken);
            if (i % 3 > 0)
            {
                await socket.SendAsync(
                    Encoding.ASCII.GetBytes(
                        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
                    TestContext.Current.CancellationToken);
            }

            var noise = new byte[random.Next(1, 300)];
            random.NextBytes(noise);
            await socket.SendAsync(noise, TestContext.Current.CancellationToken);
            if (i % 2 == 0)
            {
                // A reset instead of a clean end.
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }

        var client = await server.ConnectAsync();
        await client.SendAsync("421[\"ping-me\"]");
        Assert.Equal("431[\"pong\"]", await client.ReceiveAsync());
        await Eventually.TrueAsync(() => server.Io.Engine.SessionCount == 1, "only the good session is left");
    }

    [Fact]
    public async Task Ten_thousand_handshakes_that_never_finish_leave_nothing_behind()
    {
        await using var server = await RunningServer.StartAsync(options => options.ConnectTimeout = TimeSpan.FromSeconds(2));
        using var http = server.Http;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 10_000),
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken },
            async (_, cancellationToken) => await http.GetStringAsync("/socket.io/?EIO=4&transport=polling", cancellationToken));
        await Eventually.TrueAsync(() => server.Io.Engine.SessionCount == 0, "every session is gone");
        var client = await server.ConnectAsync();
        Assert.Equal(1, server.Io.Engine.SessionCount);
        Assert.NotNull(client);
    }
}
