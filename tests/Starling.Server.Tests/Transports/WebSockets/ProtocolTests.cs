using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Protocol.Buffers;
using Starling.Protocol.WebSockets;

namespace Starling.Server.Tests.Transports.WebSockets;

/// <summary>
/// The WebSocket server against RFC 6455 and RFC 7692, over real connections on both transports: sizes, pings, reserved bits, opcodes,
/// fragments, UTF-8, close codes and compression, in the order of the well-known Autobahn suite. A server of Engine.IO sends back what
/// it gets; its text messages begin with a 4.
/// </summary>
public sealed class ProtocolTests
{
    private static readonly int[] Sizes = [0, 125, 126, 127, 128, 65_535, 65_536, 900_000];

    public static TheoryData<bool> Transports => [false, true];

    public static MatrixTheoryData<bool, bool> TransportsAndCompression => new([false, true], [false, true]);

    [Theory]
    [MemberData(nameof(TransportsAndCompression))]
    public async Task Messages_of_every_form_of_length_come_back_however_they_are_cut(bool lean, bool compressed)
    {
        await using var server = await EchoServer.StartAsync(lean);
        using var client = await server.ConnectAsync(compressed);
        foreach (var size in Sizes)
        {
            var text = "4" + new string('ä', size / 2);
            await SendInPiecesAsync(client, WireClient.Text(text), Math.Max(size / 3, 1));
            Assert.Equal(text, await ReadTextAsync(client, compressed));

            var bytes = new byte[size];
            new Random(size).NextBytes(bytes);
            await SendInPiecesAsync(client, WireClient.Frame(Opcode.Binary, bytes), Math.Max(size / 2, 1));
            var answer = await client.ReadFrameAsync();
            Assert.Equal(Opcode.Binary, answer!.Value.Header.Opcode);
            Assert.Equal(bytes, Inflate(answer.Value));
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Pings_are_answered_with_their_payload_also_between_fragments_and_pongs_are_ignored(bool lean)
    {
        await using var server = await EchoServer.StartAsync(lean);
        using var client = await server.ConnectAsync();
        foreach (var payload in new[] { [], "hello"u8.ToArray(), [0, 0xFF, 0xFE], new byte[125] })
        {
            await client.SendAsync(WireClient.Frame(Opcode.Ping, payload));
            Assert.Equal(payload, await ReadPongAsync(client));
        }

        await client.SendAsync(WireClient.Frame(Opcode.Pong, "unasked"u8));
        await client.SendAsync(
            WireClient.Text("4one ", final: false), WireClient.Frame(Opcode.Ping, "1"u8),
            WireClient.Frame(Opcode.Continuation, "two "u8, final: false), WireClient.Frame(Opcode.Pong, []),
            WireClient.Frame(Opcode.Continuation, "three"u8));
        Assert.Equal("1"u8.ToArray(), await ReadPongAsync(client));
        Assert.Equal("4one two three", await client.ReadTextAsync());

        // Ten in one write, and one byte at a time.
        await client.SendAsync([.. Enumerable.Range(0, 10).SelectMany(static i => WireClient.Frame(Opcode.Ping, [(byte)i]))]);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal([(byte)i], await ReadPongAsync(client));
        }

        await SendInPiecesAsync(client, WireClient.Frame(Opcode.Ping, "slow"u8), 1);
        Assert.Equal("slow"u8.ToArray(), await ReadPongAsync(client));
    }

    public static TheoryData<bool, string> Violations
    {
        get
        {
            var data = new TheoryData<bool, string>();
            foreach (var name in Wrong.Keys)
            {
                data.Add(false, name);
                data.Add(true, name);
            }

            return data;
        }
    }

    private static Dictionary<string, (int Code, byte[] Bytes)> Wrong { get; } = new()
    {
        ["a ping of 126 bytes"] = (1002, WireClient.Frame(Opcode.Ping, new byte[126])),
        ["a ping in fragments"] = (1002, WireClient.Frame(Opcode.Ping, [], final: false)),
        ["a pong of 126 bytes"] = (1002, WireClient.Frame(Opcode.Pong, new byte[126])),
        ["a close of 126 bytes"] = (1002, WireClient.Frame(Opcode.Close, new byte[126])),
        ["RSV1 without compression"] = (1002, WireClient.Frame(Opcode.Text, "4x"u8, reserved: 0x40)),
        ["RSV2"] = (1002, WireClient.Frame(Opcode.Text, "4x"u8, reserved: 0x20)),
        ["RSV3"] = (1002, WireClient.Frame(Opcode.Binary, "x"u8, reserved: 0x10)),
        ["all reserved bits of a ping"] = (1002, WireClient.Frame(Opcode.Ping, [], reserved: 0x70)),
        ["a reserved bit of a close"] = (1002, WireClient.Frame(Opcode.Close, [], reserved: 0x40)),
        ["a frame without a mask"] = (1002, WireClient.Frame(Opcode.Text, "4x"u8, masked: false)),
        ["a continuation of nothing"] = (1002, WireClient.Frame(Opcode.Continuation, "x"u8)),
        ["an open continuation of nothing"] = (1002, WireClient.Frame(Opcode.Continuation, "x"u8, final: false)),
        ["a new message within another"] = (1002, [.. WireClient.Text("4x", final: false), .. WireClient.Text("4y")]),
        ["a message behind a finished one"] = (1002, [.. WireClient.Text("4x", final: false), .. WireClient.Frame(Opcode.Continuation, []), .. WireClient.Frame(Opcode.Continuation, [])]),
        ["a length of 16 bits that fits into 7"] = (1002, [0x81, 0x80 | 126, 0, 1, 0, 0, 0, 0, (byte)'4']),
        ["a length of 64 bits that fits into 16"] = (1002, [0x81, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, (byte)'4']),
        ["a length with its top bit set"] = (1002, [0x82, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
        ["a message over the limit"] = (1009, [0x82, 0x80 | 127, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0]),
        ["fragments over the limit"] = (1009, [.. WireClient.Frame(Opcode.Binary, new byte[600_000], final: false), .. WireClient.Frame(Opcode.Continuation, new byte[600_000])]),
        ["a close of one byte"] = (1002, WireClient.Frame(Opcode.Close, [3])),
        ["a close reason that is not UTF-8"] = (1007, WireClient.Close(1000, [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xED, 0xA0, 0x80])),
        ["text with a lone surrogate"] = (1007, WireClient.Frame(Opcode.Text, [(byte)'4', 0xED, 0xA0, 0x80])),
        ["text with an overlong slash"] = (1007, WireClient.Frame(Opcode.Text, [(byte)'4', 0xC0, 0xAF])),
        ["text beyond U+10FFFF"] = (1007, WireClient.Frame(Opcode.Text, [(byte)'4', 0xF4, 0x90, 0x80, 0x80])),
        ["text with a stray continuation byte"] = (1007, WireClient.Frame(Opcode.Text, [(byte)'4', 0x80])),
        ["text that ends within a character"] = (1007, WireClient.Frame(Opcode.Text, [(byte)'4', 0xE2, 0x82])),
        ["text in fragments that is not UTF-8"] = (1007, [.. WireClient.Text("4", final: false), .. WireClient.Frame(Opcode.Continuation, [0xFF])]),
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_ends_the_connection_with_its_code(bool lean, string violation)
    {
        await using var server = await EchoServer.StartAsync(lean);
        using var client = await server.ConnectAsync();
        await client.SendAsync(WireClient.Text("4before"), Wrong[violation].Bytes, WireClient.Text("4behind"), WireClient.Close(1000));
        Assert.Equal("4before", await client.ReadTextAsync());
        Assert.Equal(Wrong[violation].Code, await client.ReadCloseAsync());
        Assert.True(await client.EndsAsync(), "the connection was reset");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Reserved_opcodes_end_the_connection(bool lean)
    {
        await using var server = await EchoServer.StartAsync(lean);
        foreach (var opcode in new[] { 3, 4, 5, 6, 7, 11, 12, 13, 14, 15 })
        {
            using var client = await server.ConnectAsync();
            await client.SendAsync(WireClient.Frame((Opcode)opcode, []), WireClient.Close(1000));
            Assert.Equal(1002, await client.ReadCloseAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Messages_in_any_fragments_come_back_whole(bool lean)
    {
        await using var server = await EchoServer.StartAsync(lean);
        using var client = await server.ConnectAsync();
        var text = "4κόσμε 😀 " + new string('x', 500);
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var size in new[] { 1, 2, 3, 7, 100, 400 })
        {
            // Also in the middle of a character; and empty fragments between.
            var parts = bytes.Chunk(size).ToArray();
            var frames = new List<byte[]> { WireClient.Frame(Opcode.Text, [], final: false) };
            frames.AddRange(parts.Select(part => WireClient.Frame(Opcode.Continuation, part, final: false)));
            frames.Add(WireClient.Frame(Opcode.Continuation, []));
            await client.SendAsync([.. frames.SelectMany(static frame => frame)]);
            Assert.Equal(text, await client.ReadTextAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Valid_text_is_taken(bool lean)
    {
        await using var server = await EchoServer.StartAsync(lean);
        using var client = await server.ConnectAsync();
        foreach (var text in new[] { "4\0", "4\uFFFE\uFFFF", "4\U0001FFFE", "4\U0010FFFF", "4\uD7FF\uE000", "4Hello-µ@ßöäüàá-UTF-8!!" })
        {
            await client.SendAsync(WireClient.Text(text));
            Assert.Equal(text, await client.ReadTextAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_close_is_answered_with_its_code_and_ends_the_connection(bool lean)
    {
        await using var server = await EchoServer.StartAsync(lean);
        foreach (var code in new[] { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999 })
        {
            using var client = await server.ConnectAsync();
            await client.SendAsync(WireClient.Close(code, "why"u8));
            Assert.Equal(code, await client.ReadCloseAsync());
            Assert.True(await client.EndsAsync());
        }

        using var silent = await server.ConnectAsync();
        await silent.SendAsync(WireClient.Frame(Opcode.Close, []));
        Assert.Equal(1005, await silent.ReadCloseAsync());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_close_with_a_code_that_may_not_be_sent_is_an_error(bool lean)
    {
        await using var server = await EchoServer.StartAsync(lean);
        foreach (var code in new[] { 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535 })
        {
            using var client = await server.ConnectAsync();
            await client.SendAsync(WireClient.Close(code));
            Assert.Equal(1002, await client.ReadCloseAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Compressed_messages_are_read_and_written_and_wrong_ones_refused(bool lean)
    {
        await using var server = await EchoServer.StartAsync(lean);
        var text = "4" + string.Concat(Enumerable.Repeat("again and again ", 5_000));
        using (var client = await server.ConnectAsync(compressed: true))
        {
            var deflated = Deflate(Encoding.UTF8.GetBytes(text));
            await client.SendAsync(WireClient.Frame(Opcode.Text, deflated, reserved: 0x40));
            Assert.Equal(text, await ReadTextAsync(client, compressed: true));

            // In fragments the bit stands in the first one only; and with a ping between.
            await client.SendAsync(
                WireClient.Frame(Opcode.Text, deflated.AsSpan(0, 10), final: false, reserved: 0x40), WireClient.Frame(Opcode.Ping, []),
                WireClient.Frame(Opcode.Continuation, deflated.AsSpan(10)));
            Assert.Empty(await ReadPongAsync(client));
            Assert.Equal(text, await ReadTextAsync(client, compressed: true));

            // Not every message has to be compressed.
            await client.SendAsync(WireClient.Text("4plain"));
            Assert.Equal("4plain", await ReadTextAsync(client, compressed: true));
        }

        var bomb = Deflate(new byte[50_000_000]);
        foreach (var (code, bytes) in new (int, byte[])[]
        {
            (1009, WireClient.Frame(Opcode.Binary, bomb, reserved: 0x40)),
            (1007, WireClient.Frame(Opcode.Text, [0xFF, 0xFF, 0xFF], reserved: 0x40)),
            (1007, WireClient.Frame(Opcode.Text, Deflate([(byte)'4', 0xFF]), reserved: 0x40)),
            (1002, [.. WireClient.Frame(Opcode.Text, "x"u8, final: false), .. WireClient.Frame(Opcode.Continuation, "x"u8, reserved: 0x40)]),
            (1002, WireClient.Frame(Opcode.Ping, [], reserved: 0x40)),
        })
        {
            using var client = await server.ConnectAsync(compressed: true);
            await client.SendAsync(bytes, WireClient.Close(1000));
            Assert.Equal(code, await client.ReadCloseAsync());
        }
    }

    private static async Task SendInPiecesAsync(WireClient client, byte[] frame, int size)
    {
        foreach (var piece in frame.Chunk(size))
        {
            await client.SendAsync(piece);
        }
    }

    private static async Task<byte[]> ReadPongAsync(WireClient client)
    {
        var frame = await client.ReadFrameAsync();
        Assert.Equal(Opcode.Pong, frame!.Value.Header.Opcode);
        return frame.Value.Payload;
    }

    private static async Task<string> ReadTextAsync(WireClient client, bool compressed)
    {
        var frame = await client.ReadFrameAsync();
        Assert.Equal(Opcode.Text, frame!.Value.Header.Opcode);
        Assert.Equal(compressed && frame.Value.Header.ReservedBits != 0, frame.Value.Header.ReservedBits == FrameHeader.Rsv1);
        return Encoding.UTF8.GetString(Inflate(frame.Value));
    }

    private static byte[] Inflate((FrameHeader Header, byte[] Payload) frame)
    {
        if (frame.Header.ReservedBits == 0)
        {
            return frame.Payload;
        }

        using var output = new PooledBuffer();
        Assert.Equal(CloseCode.None, PermessageDeflate.Decompress(frame.Payload, output, int.MaxValue));
        return output.Written.ToArray();
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var output = new PooledBuffer();
        PermessageDeflate.Compress(bytes, output);
        return output.Written.ToArray();
    }

    /// <summary>Sends every message back.</summary>
    private sealed class EchoServer(WebApplication app) : IAsyncDisposable
    {
        public static async Task<EchoServer> StartAsync(bool lean)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            if (lean)
            {
                builder.WebHost.UseLeanWebSockets();
            }

            builder.Services.AddEngineIO(static options => options.WebSocketCompression = true);
            var app = builder.Build();
            app.MapEngineIO("/engine.io").OnSession((session, handlers) => handlers.OnMessage(
                (data, isBinary) => isBinary ? session.SendAsync(data) : session.SendAsync(Encoding.UTF8.GetString(data.Span))));
            app.Urls.Add("http://127.0.0.1:0");
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new EchoServer(app);
        }

        public async Task<WireClient> ConnectAsync(bool compressed = false)
        {
            var offer = compressed ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" : "";
            var client = await WireClient.UpgradeAsync(new Uri(app.Urls.Single()), "/engine.io/?EIO=4&transport=websocket", offer);
            Assert.Equal(compressed, client.Answer.Contains("permessage-deflate", StringComparison.OrdinalIgnoreCase));
            Assert.StartsWith("0{", await client.ReadTextAsync(), StringComparison.Ordinal);
            return client;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
