using System.Text;
using Starling.Protocol.WebSockets;

namespace Starling.Server.Tests.Transports.WebSockets;

/// <summary>A client that is refused learns why, although it is still sending.</summary>
public sealed class ClosingTests
{
    private const string WebSocket = "/socket.io/?EIO=4&transport=websocket";

    // More than what the system, the web server and the connection take while nobody reads.
    private static readonly byte[] Rest = [.. Enumerable.Repeat(WireClient.Text("42[\"" + new string('x', 900) + "\"]"), 6_000).SelectMany(static frame => frame)];

    public static MatrixTheoryData<bool, int, bool> Errors => new([false, true], [1002, 1007, 1009], [false, true]);

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task The_close_code_of_an_error_arrives_although_the_client_is_still_sending(bool lean, int code, bool answers)
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxPayload = 1_000, lean: lean);
        var wrong = code switch
        {
            1002 => WireClient.Frame(Opcode.Text, "42[\"x\"]"u8, reserved: 0x20),
            1007 => WireClient.Frame(Opcode.Text, [(byte)'4', (byte)'2', 0xFF, 0xFE]),
            _ => WireClient.Text(new string('4', 2_000_000)),
        };
        for (var i = 0; i < 10; i++)
        {
            using var client = await WireClient.UpgradeAsync(server.Url, WebSocket);
            await client.SendAsMuchAsPossibleAsync([.. WireClient.Text("40"), .. wrong, .. Rest, .. answers ? WireClient.Close(1000) : []]);
            Assert.Equal(code, await client.ReadCloseAsync());
            if (answers)
            {
                Assert.True(await client.EndsAsync(), "the connection was reset");
            }
        }

        await Eventually.TrueAsync(() => server.Io.Engine.SessionCount == 0, "their sessions are gone");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_close_frame_of_a_malformed_packet_arrives_although_the_client_is_still_sending(bool lean)
    {
        await using var server = await RunningServer.StartAsync(lean: lean);
        for (var i = 0; i < 10; i++)
        {
            using var client = await WireClient.UpgradeAsync(server.Url, WebSocket);
            await client.SendAsMuchAsPossibleAsync([.. WireClient.Text("40"), .. WireClient.Text("no packet"), .. Rest, .. WireClient.Close(1000)]);
            Assert.Equal(1005, await client.ReadCloseAsync());
            Assert.True(await client.EndsAsync(), "the connection was reset");
        }
    }

    public static MatrixTheoryData<bool, string, bool> Refusals =>
        new([false, true], ["413 Payload Too Large", "400 Bad Request", "403 Forbidden"], [false, true]);

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task The_answer_to_a_request_arrives_although_its_body_is_not_read(bool lean, string status, bool chunked)
    {
        await using var server = await RunningServer.StartAsync(
            options =>
            {
                options.MaxPayload = 1_000;
                options.AllowedOrigins = new HashSet<string> { "https://example.com" };
            },
            lean: lean);
        using var http = server.Http;
        var open = await http.GetStringAsync("/socket.io/?EIO=4&transport=polling", TestContext.Current.CancellationToken);
        var sid = status.StartsWith("400", StringComparison.Ordinal) ? "unknown" : open.Split("\"sid\":\"")[1].Split('"')[0];
        var origin = status.StartsWith("403", StringComparison.Ordinal) ? "Origin: https://foreign.example\r\n" : "";
        var body = new byte[5_000_000];
        for (var i = 0; i < 5; i++)
        {
            using var client = await WireClient.ConnectAsync(server.Url);
            await client.SendAsync(Encoding.ASCII.GetBytes(
                $"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: x\r\n{origin}"
                + (chunked ? $"Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n" : $"Content-Length: {body.Length}\r\n\r\n")));
            await client.SendAsMuchAsPossibleAsync([.. body, .. chunked ? "\r\n0\r\n\r\n"u8.ToArray() : []]);
            Assert.StartsWith("HTTP/1.1 " + status, await client.ReadHeadAsync(), StringComparison.Ordinal);
        }
    }
}
