using System.Text;
using Starling.Messaging.Links;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Connections;

/// <summary>What broken and hostile peers send: each gets a clear error, and nobody else notices.</summary>
public sealed class HostileFrameTests
{
    private const string Add = """{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> BrokenHeaders =>
    [
        "Content-Length: -5\r\n\r\n",
        "Content-Length: 5x\r\n\r\n",
        "Content-Length: \r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n",
        "Content-Length: 2000000\r\n\r\n",
        "Content-Length: 2\r\nContent-Length: 3\r\n\r\n",
        "Content-Type: application/vscode-jsonrpc\r\n\r\n{}",
        "nonsense without a colon\r\n\r\n",
        ": 5\r\n\r\n",
        "\r\n\r\n",
        "Content-Length: 2\r\nContent-Type: application/json; charset=utf-16\r\n\r\n{}",
        "GET / HTTP/1.1\r\nHost: example\r\n\r\n",
        "Content-Length: 2\r\nContent-Type: application/octet-stream\r\n\r\nab",
    ];

    public static TheoryData<string, int> BrokenMessages => new()
    {
        { "{", RpcErrorCodes.ParseError },
        { "not json", RpcErrorCodes.ParseError },
        { "{} {}", RpcErrorCodes.ParseError },
        { "", RpcErrorCodes.ParseError },
        { "1", RpcErrorCodes.InvalidRequest },
        { "[]", RpcErrorCodes.InvalidRequest },
        { "{}", RpcErrorCodes.InvalidRequest },
        { """{"jsonrpc":"1.0","id":1,"method":"add"}""", RpcErrorCodes.InvalidRequest },
        { """{"jsonrpc":"2.0","id":[1],"method":"add"}""", RpcErrorCodes.InvalidRequest },
        { """{"jsonrpc":"2.0","id":1,"method":7}""", RpcErrorCodes.InvalidRequest },
        { """{"jsonrpc":"2.0","id":1,"method":"add","params":3}""", RpcErrorCodes.InvalidRequest },
        { """{"jsonrpc":"2.0","id":1}""", RpcErrorCodes.InvalidRequest },
        { """{"jsonrpc":"2.0","id":1,"method":"add","params":["\ud800",2]}""", RpcErrorCodes.InvalidParams },
        { """{"jsonrpc":"2.0","id":"\ud800","method":"add"}""", RpcErrorCodes.ParseError },
        { """{"jsonrpc":"2.0","id":1,"method":"\ud800"}""", RpcErrorCodes.ParseError },
        { """{"jsonrpc":"2.0","id":1,"method":"$/unknown"}""", RpcErrorCodes.MethodNotFound },
        { """{"jsonrpc":"2.0","id":1,"method":"$/enumerator/next","params":{"token":99}}""", RpcErrorCodes.NoSuchToken },
        { """{"jsonrpc":"2.0","id":1,"method":"$/enumerator/next","params":{"token":"x"}}""", RpcErrorCodes.InternalError },
        { """{"jsonrpc":"2.0","id":1,"method":"$/enumerator/next"}""", RpcErrorCodes.InvalidParams },
        { """{"jsonrpc":"2.0","id":1,"method":"$/hello","params":{"name":7,"role":""}}""", RpcErrorCodes.InternalError },
        { """[{"jsonrpc":"2.0","method":"remember","params":["x"]},{"jsonrpc":"2.0","method" ]""", RpcErrorCodes.ParseError },
        { """[{"jsonrpc":"2.0","method":"remember","params":["x"]}] x""", RpcErrorCodes.ParseError },
    };

    [Theory]
    [MemberData(nameof(BrokenHeaders))]
    public async Task A_broken_header_is_answered_and_ends_the_connection(string header)
    {
        await using var server = await StartAsync();
        using var peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync(header);
        Assert.Equal(RpcErrorCodes.InvalidRequest, await peer.ReadErrorCodeAsync());
        Assert.Null(await peer.ReadAsync());
        await server.AssertServesOthersAsync();
    }

    [Theory]
    [MemberData(nameof(BrokenMessages))]
    public async Task A_broken_message_is_answered_and_the_connection_goes_on(string message, int code)
    {
        await using var server = await StartAsync();
        using var peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendFrameAsync(message);
        Assert.Equal(code, await peer.ReadErrorCodeAsync());
        await peer.SendFrameAsync("""{"jsonrpc":"2.0","id":"next","method":"recall"}""");
        Assert.Equal(0, (await peer.ReadAsync())!.Value.GetProperty("result").GetArrayLength());
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"$/cancelRequest","params":{"id":5}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"$/cancelRequest","params":{"id":{}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"$/progress","params":{"token":5,"value":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"$/stream/grant","params":{"stream":5,"bytes":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"$/stream/cancel","params":{"stream":5}}""")]
    public async Task Whoever_gives_an_id_gets_an_answer_alone_and_in_a_batch(string request)
    {
        await using var server = await StartAsync();
        using var peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendFrameAsync(request);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await peer.ReadAsync())!.Value.GetProperty("result").ValueKind);
        await peer.SendFrameAsync($"[{request},{Add.Replace("\"id\":1", "\"id\":2", StringComparison.Ordinal)}]");
        Assert.Equal([1, 2], (await peer.ReadAsync())!.Value.EnumerateArray().Select(answer => answer.GetProperty("id").GetInt32()).Order());
    }

    [Fact]
    public async Task An_endless_header_is_cut()
    {
        await using var server = await StartAsync();
        using var peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendAsync("X-Long: " + new string('x', 10_000));
        Assert.Equal(RpcErrorCodes.InvalidRequest, await peer.ReadErrorCodeAsync());
        Assert.Null(await peer.ReadAsync());
    }

    [Fact]
    public async Task Deep_json_is_refused()
    {
        await using var server = await StartAsync();
        using var peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendFrameAsync($$"""{"jsonrpc":"2.0","id":1,"method":"add","params":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""");
        Assert.Equal(RpcErrorCodes.ParseError, await peer.ReadErrorCodeAsync());
        await peer.SendFrameAsync(Add);
        Assert.Equal(3, (await peer.ReadAsync())!.Value.GetProperty("result").GetInt32());
    }

    [Theory]
    [InlineData("Content-Len")]
    [InlineData("Content-Length: 100\r\n\r\n{\"jsonrpc\"")]
    public async Task A_message_that_does_not_end_is_not_waited_for_for_ever(string beginning)
    {
        await using var server = await StartAsync(options => options.MessageTimeout = TimeSpan.FromMilliseconds(300));
        using var peer = await RawPeer.ConnectAsync(server.Port);

        // One byte now and then must not help.
        foreach (var part in beginning)
        {
            await peer.SendAsync(part.ToString());
        }

        Assert.Null(await peer.ReadAsync());
        await server.AssertServesOthersAsync();
    }

    [Fact]
    public async Task Frames_are_found_however_the_bytes_were_cut()
    {
        await using var server = await StartAsync();
        using var peer = await RawPeer.ConnectAsync(server.Port);
        var frames = new StringBuilder();
        for (var i = 0; i < 20; i++)
        {
            var body = Add.Replace("\"id\":1", $"\"id\":{i}", StringComparison.Ordinal);
            frames.Append(i % 2 == 0 ? "" : "content-type:application/vscode-jsonrpc; charset=utf-8\r\n")
                .Append("Content-Length: ").Append(body.Length).Append("\r\n\r\n").Append(body);
        }

        var bytes = Encoding.ASCII.GetBytes(frames.ToString());
        var random = new Random(5);
        for (var sent = 0; sent < bytes.Length;)
        {
            var next = Math.Min(bytes.Length, sent + random.Next(1, 90));
            await peer.SendAsync(bytes[sent..next]);
            sent = next;
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(i, (await peer.ReadAsync())!.Value.GetProperty("id").GetInt32());
        }
    }

    [Fact]
    public async Task A_batch_is_answered_by_a_batch()
    {
        await using var server = await StartAsync();
        using var peer = await RawPeer.ConnectAsync(server.Port);
        await peer.SendFrameAsync($$"""[{{Add}},{"jsonrpc":"2.0","method":"remember","params":["x"]},7,{"jsonrpc":"2.0","id":"b","method":"nope"}]""");
        var answers = (await peer.ReadAsync())!.Value.EnumerateArray().ToList();
        Assert.Equal(3, answers.Count);
        Assert.Contains(answers, answer => answer.TryGetProperty("result", out var result) && result.GetInt32() == 3);
        Assert.Contains(answers, answer => answer.GetProperty("id").ToString() == "b"
            && answer.GetProperty("error").GetProperty("code").GetInt32() == RpcErrorCodes.MethodNotFound);

        await peer.SendFrameAsync("""[{"jsonrpc":"2.0","method":"remember","params":["y"]}]""");
        await peer.SendFrameAsync("""{"jsonrpc":"2.0","id":2,"method":"recall"}""");
        Assert.Equal(2, (await peer.ReadAsync())!.Value.GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task More_requests_than_may_wait_are_refused_and_the_alarm_is_raised()
    {
        var alarms = new System.Collections.Concurrent.ConcurrentQueue<Diagnostics.QueueAlarm>();
        await using var server = await StartAsync(options =>
        {
            options.MaxConcurrentRequests = 2;
            options.MaxQueuedRequests = 10;
            options.OnQueueAlarm = alarms.Enqueue;
        });
        using var peer = await RawPeer.ConnectAsync(server.Port);
        var wait = """{"jsonrpc":"2.0","id":ID,"method":"wait"}""";
        var frames = string.Concat(Enumerable.Range(0, 50).Select(i => wait.Replace("ID", i.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal))
            .Select(body => $"Content-Length: {body.Length}\r\n\r\n{body}"));
        await peer.SendAsync(frames);
        for (var i = 0; i < 38; i++)
        {
            Assert.Equal(RpcErrorCodes.ServerBusy, await peer.ReadErrorCodeAsync());
        }

        Assert.Equal("requests", Assert.Single(alarms).Queue);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_cut()
    {
        await using var server = await StartAsync(options => options.SendHighWaterBytes = 100_000);
        using var peer = await RawPeer.ConnectAsync(server.Port);
        var junk = $"Content-Length: 1\r\n\r\n{{";
        var many = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(junk, 1_000)));
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                await peer.SendAsync(many);
            }
        });
        await server.AssertServesOthersAsync();
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_ends_its_call_and_no_other()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        await using var client = await RpcClient.ConnectAsync($"tcp://127.0.0.1:{port}", cancellationToken: Stop);
        using var server = await listener.AcceptTcpClientAsync(Stop);
        var calls = Enumerable.Range(1, 4).Select(i => client.InvokeAsync<int>("m", [i], null, Stop)).ToArray();
        foreach (var answer in new[]
        {
            """{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"\ud800"}}""",
            """{"jsonrpc":"2.0","id":2,"result":"no number"}""",
            """{"jsonrpc":"2.0","id":99,"result":1}""",
            """{"jsonrpc":"2.0","id":3,"error":{}}""",
            """{"jsonrpc":"2.0","id":4,"result":8}""",
        })
        {
            await server.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"Content-Length: {answer.Length}\r\n\r\n{answer}"), Stop);
        }

        await Assert.ThrowsAsync<RpcException>(() => calls[0]);
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => calls[1]);
        await Assert.ThrowsAsync<RpcException>(() => calls[2]);
        Assert.Equal(8, await calls[3]);
    }

    private static Task<TestServer> StartAsync(Action<MessagingOptions>? configure = null) => TestServer.StartAsync(options =>
    {
        options.MaxMessageBytes = 1_000_000;
        configure?.Invoke(options);
    });

    private sealed class TestServer(RpcServer server, LinkAddress address) : IAsyncDisposable
    {
        public int Port => address.Port;

        public static async Task<TestServer> StartAsync(Action<MessagingOptions> configure)
        {
            var options = new MessagingOptions { CloseTimeout = TimeSpan.FromMilliseconds(100) };
            configure(options);
            var server = new RpcServer(new RpcServices().Add<ICalculator>(new Calculator()), options);
            return new TestServer(server, await server.ListenAsync("tcp://127.0.0.1:0", Stop));
        }

        public async Task AssertServesOthersAsync()
        {
            await using var client = await RpcClient.ConnectAsync(address.ToString(), cancellationToken: Stop);
            Assert.Equal(5, await client.GetService<ICalculator>().AddAsync(2, 3));
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
