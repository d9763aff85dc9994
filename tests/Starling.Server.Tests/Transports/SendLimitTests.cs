using System.Net;
using System.Text;
using Starling.Server.Sessions;
using Starling.Server.Sockets;
using Starling.Server.Tests.Transports.WebSockets;

namespace Starling.Server.Tests.Transports;

/// <summary>What is held for clients that read slowly or not at all, and what reaches those that read.</summary>
public sealed class SendLimitTests
{
    private const int Limit = 1024 * 1024;
    private const string WebSocket = "/socket.io/?EIO=4&transport=websocket";
    private const string Polling = "/socket.io/?EIO=4&transport=polling";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_reads_no_answers_is_read_no_further(bool lean)
    {
        const int Size = 900_000;
        const int Requests = 60;
        await using var server = await RunningServer.StartAsync(lean: lean);
        var answered = 0;
        server.Io.OnRequest("give", _ =>
        {
            Interlocked.Increment(ref answered);
            return Task.FromResult(new string('x', Size));
        });
        using var hostile = await WireClient.UpgradeAsync(server.Url, WebSocket, receiveBuffer: 16 * 1024);
        await hostile.SendAsync(
            [.. WireClient.Text("40"), .. Enumerable.Range(0, Requests).SelectMany(static i => WireClient.Text($"42{i}[\"give\"]")), .. WireClient.Text("3")]);

        // Another client's answer comes, so that the server has had its time.
        var other = await server.ConnectAsync();
        server.Io.OnRequest("ping-me", _ => Task.FromResult("pong"));
        for (var i = 0; i < 20; i++)
        {
            await other.SendAsync("421[\"ping-me\"]");
            Assert.Equal("431[\"pong\"]", await other.ReceiveAsync());
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref answered) > 0, "the first request is answered");

        // One answer in the connection, one in the system's buffers, and as many as fit into the limit.
        Assert.InRange(Volatile.Read(ref answered), 1, 8);
        Assert.Equal(2, server.Io.Engine.SessionCount);

        // It was not cut off: once it reads, it gets everything, in order.
        Assert.StartsWith("0{", await hostile.ReadTextAsync(), StringComparison.Ordinal);
        Assert.StartsWith("40", await hostile.ReadTextAsync(), StringComparison.Ordinal);
        for (var i = 0; i < Requests; i++)
        {
            var answer = await hostile.ReadFrameAsync();
            Assert.NotNull(answer);
            Assert.StartsWith($"43{i}[\"xxx", Encoding.ASCII.GetString(answer.Value.Payload, 0, 20), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_polling_client_that_fetches_no_answers_is_read_no_further()
    {
        await using var server = await RunningServer.StartAsync();
        var answered = 0;
        server.Io.OnRequest("give", _ =>
        {
            Interlocked.Increment(ref answered);
            return Task.FromResult(new string('x', 900_000));
        });
        using var http = server.Http;
        var address = await OpenAsync(http);
        var posting = PostAsync(http, address, string.Join('\u001e', Enumerable.Range(0, 50).Select(static i => $"42{i}[\"give\"]")));
        await Eventually.TrueAsync(() => Volatile.Read(ref answered) > 0, "the first request is answered");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        Assert.InRange(Volatile.Read(ref answered), 1, 3);
        Assert.False(posting.IsCompleted);

        var received = new List<string>();
        while (received.Count < 50)
        {
            received.AddRange((await GetAsync(http, address)).Split('\u001e'));
        }

        Assert.Equal("ok", await posting);
        Assert.All(received.Index(), item => Assert.StartsWith($"43{item.Index}[\"xxx", item.Item, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_polls_gets_a_message_that_is_larger_than_the_limit(bool waits)
    {
        var text = new string('x', 1_200_000);
        await using var server = await RunningServer.StartAsync(
            options => options.SlowClients = waits ? SlowClientPolicy.Wait : SlowClientPolicy.Disconnect);
        server.Io.OnConnection(async socket =>
        {
            await socket.EmitAsync("large", text);
            await socket.EmitAsync("small");
        });
        using var http = server.Http;
        foreach (var asksFirst in new[] { true, false })
        {
            var open = await GetAsync(http, Polling);
            var address = Polling + "&sid=" + open.Split("\"sid\":\"")[1].Split('"')[0];
            var asking = asksFirst ? GetAsync(http, address) : Task.FromResult("");
            Assert.Equal("ok", await PostAsync(http, address, "40"));
            var received = new List<string>();
            received.AddRange((await asking).Split('\u001e', StringSplitOptions.RemoveEmptyEntries));
            while (received.Count < 3)
            {
                received.AddRange((await GetAsync(http, address)).Split('\u001e'));
            }

            Assert.StartsWith("40{", received[0], StringComparison.Ordinal);
            Assert.Equal(("42[\"large\",\"" + text + "\"]", "42[\"small\"]"), (received[1], received[2]));
        }

        Assert.Equal(2, server.Io.Engine.SessionCount);
    }

    [Fact]
    public async Task A_polling_client_whose_backlog_does_not_shrink_is_cut_off()
    {
        await using var server = await RunningServer.StartAsync();
        var reason = new TaskCompletionSource<DisconnectReason>();
        server.Io.OnDisconnect((_, why) => reason.TrySetResult(why));
        using var http = server.Http;
        var address = await OpenAsync(http);
        for (var i = 0; i < 13; i++)
        {
            await server.Io.EmitAsync("flood", new byte[60_000]);
        }

        await GetAsync(http, address);
        Assert.False(reason.Task.IsCompleted);
        for (var i = 0; i < 14; i++)
        {
            await server.Io.EmitAsync("flood", new byte[60_000]);
        }

        Assert.Equal(DisconnectReason.SlowClient, await reason.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Answers_that_are_not_read_are_one_for_each_session_however_many_are_asked_for()
    {
        await using var server = await RunningServer.StartAsync(options => options.HttpCompressionThreshold = null);
        using var http = server.Http;
        var address = await OpenAsync(http);
        var session = server.Io.Engine.Sessions.Single();

        // Larger than what the connection, the web server and the system take together.
        var text = new string('x', 20_000_000);
        await server.Io.EmitAsync("large", text);
        using var first = await WireClient.ConnectAsync(server.Url, receiveBuffer: 16 * 1024);
        await first.SendAsync(Encoding.ASCII.GetBytes($"GET {address} HTTP/1.1\r\nHost: x\r\n\r\n"));
        await Eventually.TrueAsync(() => session.Polling!.Waiting == 0, "the first GET has taken what waited");
        await server.Io.EmitAsync("large", text);
        var second = GetAsync(http, address);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        Assert.True(session.Polling!.Waiting > text.Length);

        first.Dispose();
        await second;
    }

    [Fact]
    public async Task Pongs_that_nobody_fetches_are_bounded()
    {
        await using var server = await RunningServer.StartAsync(options => options.AllowEIO3 = true);
        using var http = server.Http;
        const string Handshake = "/socket.io/?EIO=3&transport=polling";
        var open = await GetAsync(http, Handshake);
        var session = server.Io.Engine.Sessions.Single();
        var address = Handshake + "&sid=" + open.Split("\"sid\":\"")[1].Split('"')[0];
        var one = "1001:2" + new string('p', 1_000);
        var many = string.Concat(Enumerable.Repeat(one, 900));
        var posting = Task.CompletedTask;
        for (var i = 0; i < 20 && server.Io.Engine.SessionCount > 0; i++)
        {
            posting = PostAsync(http, address, many);
            await Task.WhenAny(posting, Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken));
            Assert.InRange(session.Polling!.Waiting, 0, Limit + 2_000);
        }

        Assert.InRange(session.Polling!.Waiting, 0, Limit + 2_000);
        server.Io.Engine.Dispose();
        await posting.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private static async Task<string> OpenAsync(HttpClient http)
    {
        var open = await GetAsync(http, Polling);
        var address = Polling + "&sid=" + open.Split("\"sid\":\"")[1].Split('"')[0];
        Assert.Equal("ok", await PostAsync(http, address, "40"));
        Assert.StartsWith("40", await GetAsync(http, address), StringComparison.Ordinal);
        return address;
    }

    private static Task<string> GetAsync(HttpClient http, string address) => http.GetStringAsync(address, TestContext.Current.CancellationToken);

    private static async Task<string> PostAsync(HttpClient http, string address, string packets)
    {
        using var body = new StringContent(packets, Encoding.UTF8, "text/plain");
        using var answer = await http.PostAsync(address, body, TestContext.Current.CancellationToken);
        return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) : "";
    }
}
