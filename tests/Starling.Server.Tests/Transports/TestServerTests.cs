using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Protocol.WebSockets;
using Starling.Server.Channels;
using Starling.Server.Sockets;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Tests.Transports;

/// <summary>WebSockets on a server that has messages, but no bytes, of them.</summary>
public sealed class TestServerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Socket_IO_is_served_by_websocket()
    {
        await using var app = await StartAsync();
        using var client = await ConnectAsync(app, "/socket.io/?EIO=4&transport=websocket");

        Assert.StartsWith("0{", await ReceiveAsync(client), StringComparison.Ordinal);
        await SendAsync(client, "40");
        Assert.StartsWith("40{", await ReceiveAsync(client), StringComparison.Ordinal);
        await SendAsync(client, "420[\"echo\",\"hello\"]");
        Assert.Equal("430[\"hello\"]", await ReceiveAsync(client));
    }

    [Fact]
    public async Task A_session_moves_from_polling_to_websocket()
    {
        await using var app = await StartAsync();
        var http = app.GetTestClient();
        var open = await http.GetStringAsync("/socket.io/?EIO=4&transport=polling", Stop);
        var id = open.Split("\"sid\":\"")[1].Split('"')[0];
        using var client = await ConnectAsync(app, "/socket.io/?EIO=4&transport=websocket&sid=" + id);

        await SendAsync(client, "2probe");
        Assert.Equal("3probe", await ReceiveAsync(client));
        await SendAsync(client, "5");
        await SendAsync(client, "40");
        Assert.StartsWith("40{", await ReceiveAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_message_arrives_whole_in_both_directions()
    {
        var text = new string('é', 200_000);
        await using var app = await StartAsync();
        using var client = await ConnectAsync(app, "/echo");

        await SendAsync(client, text);

        Assert.Equal(text, await ReceiveAsync(client));
    }

    [Fact]
    public async Task Binary_and_fragmented_messages_keep_their_form()
    {
        await using var app = await StartAsync();
        using var client = await ConnectAsync(app, "/echo");

        await client.SendAsync(new byte[] { 1, 2 }, WebSocketMessageType.Binary, endOfMessage: false, Stop);
        await client.SendAsync(new byte[] { 3 }, WebSocketMessageType.Binary, endOfMessage: true, Stop);

        var buffer = new byte[16];
        var result = await client.ReceiveAsync(buffer, Stop);
        Assert.Equal((WebSocketMessageType.Binary, 3, true), (result.MessageType, result.Count, result.EndOfMessage));
        Assert.Equal([1, 2, 3], buffer[..3]);
    }

    [Fact]
    public async Task Close_codes_cross_in_both_directions()
    {
        await using var app = await StartAsync();
        using var told = await ConnectAsync(app, "/echo");
        using var telling = await ConnectAsync(app, "/echo");

        await SendAsync(told, "close");
        Assert.Equal("closed 4001 enough", await ReceiveAsync(told));
        await telling.CloseAsync((WebSocketCloseStatus)4002, "bye", Stop);

        Assert.Equal(4002, (int)telling.CloseStatus!);
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_not_taken_for_a_dead_one()
    {
        var time = new ManualTime();
        await using var app = await StartAsync(time);
        using var client = await ConnectAsync(app, "/echo");
        await SendAsync(client, "one");
        Assert.Equal("one", await ReceiveAsync(client));

        for (var i = 0; i < 10; i++)
        {
            time.Advance(TimeSpan.FromSeconds(25));
            await SendAsync(client, "two");
            Assert.Equal("two", await ReceiveAsync(client));
        }
    }

    [Fact]
    public async Task The_subprotocol_is_chosen_there_as_well()
    {
        await using var app = await StartAsync();
        var connector = app.GetTestServer().CreateWebSocketClient();
        connector.SubProtocols.Add("xml");
        connector.SubProtocols.Add("json");

        using var client = await connector.ConnectAsync(new Uri("ws://localhost/echo"), Stop);

        Assert.Equal("json", client.SubProtocol);
        await SendAsync(client, "subprotocol");
        Assert.Equal("json", await ReceiveAsync(client));
    }

    [Fact]
    public async Task Channels_are_served_by_websocket()
    {
        await using var app = await StartAsync();
        using var client = await ConnectAsync(app, "/.well-known/mercure?match=news");
        Assert.StartsWith("{\"cursor\":", await ReceiveAsync(client), StringComparison.Ordinal);

        await app.Services.GetRequiredService<IChannelPublisher>().PublishAsync(new Update("news", "hello"), Stop);

        Assert.Contains("\"data\":\"hello\"", await ReceiveAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_stops_while_a_client_is_connected()
    {
        await using var app = await StartAsync();
        using var client = await ConnectAsync(app, "/socket.io/?EIO=4&transport=websocket");
        Assert.StartsWith("0{", await ReceiveAsync(client), StringComparison.Ordinal);

        var stopping = app.StopAsync(Stop);

        Assert.StartsWith("closed", await ReceiveAsync(client), StringComparison.Ordinal);
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
        await stopping;
    }

    [Fact]
    public async Task A_request_without_the_handshake_is_told_to_upgrade()
    {
        await using var app = await StartAsync();

        using var response = await app.GetTestClient().GetAsync("/echo", Stop);

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }

    private static async Task<WebApplication> StartAsync(TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddSocketIO();
        builder.Services.AddChannels();
        var app = builder.Build();
        app.MapSocketIO().OnRequest<string, string>("echo", (_, text) => Task.FromResult(text!));
        app.MapChannels();
        var acceptor = new WebSocketAcceptor(new WebSocketAcceptorOptions { Subprotocols = ["json"] }, time ?? TimeProvider.System);
        app.Lifetime.ApplicationStopped.Register(acceptor.Dispose);
        app.Map("/echo", async context =>
        {
            if (await acceptor.AcceptAsync(context) is { } connection)
            {
                await connection.ServeAsync(new Echo(connection));
            }
        });
        await app.StartAsync(Stop);
        return app;
    }

    private static Task<WebSocket> ConnectAsync(WebApplication app, string path) =>
        app.GetTestServer().CreateWebSocketClient().ConnectAsync(new Uri("ws://localhost" + path), Stop);

    private static Task SendAsync(WebSocket client, string text) =>
        client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Stop);

    private static async Task<string> ReceiveAsync(WebSocket client)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        var bytes = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await client.ReceiveAsync(buffer, limit.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return $"closed {(int?)client.CloseStatus} {client.CloseStatusDescription}".TrimEnd();
            }

            bytes.AddRange(buffer.AsSpan(0, result.Count));
            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString([.. bytes]);
            }
        }
    }

    private sealed class Echo(WebSocketConnection connection) : IWebSocketHandler
    {
        public ValueTask OnMessageAsync(Message message)
        {
            switch (Encoding.UTF8.GetString(message.Payload.Span))
            {
                case "close":
                    connection.Close((CloseCode)4001, "enough");
                    break;
                case "subprotocol":
                    connection.Send(Encoding.UTF8.GetBytes(connection.Subprotocol ?? "none"));
                    break;
                default:
                    connection.Send(message.Payload.Span, message.Opcode);
                    break;
            }

            return ValueTask.CompletedTask;
        }

        public void OnSlowClient()
        {
        }

        public void OnClosed(WebSocketEnd end)
        {
        }
    }
}
