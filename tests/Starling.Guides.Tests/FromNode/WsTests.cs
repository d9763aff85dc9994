using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Server.Sockets;

namespace Starling.Guides.Tests.FromNode;

public sealed class WsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_and_a_client()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        // begin server
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(25), KeepAliveTimeout = TimeSpan.FromSeconds(20) });
        app.Map("/echo", async context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } part)
            {
                await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, context.RequestAborted);
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        // end
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(Stop);
        var url = app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + "/echo";
        // begin client
        using var client = new ClientWebSocket();
        client.Options.KeepAliveInterval = TimeSpan.FromSeconds(25);
        await client.ConnectAsync(new Uri(url), Stop);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Stop);
        var answer = new byte[100];
        var received = await client.ReceiveAsync(answer, Stop);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
        // end
        Assert.Equal("hello", Encoding.UTF8.GetString(answer, 0, received.Count));
    }

    [Fact]
    public async Task Rooms_and_acknowledgements()
    {
        // begin socketio
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSocketIO();
        builder.WebHost.UseLeanWebSockets();                                       // 3 KB for an idle client
        var app = builder.Build();
        var io = app.MapSocketIO();                                                // socket.io-client connects here
        io.OnRequest<int, int, int>("add", (socket, a, b) => Task.FromResult(a + b));
        // end
        app.Urls.Add("http://127.0.0.1:0");
        await using (app)
        {
            await app.StartAsync(Stop);
            using var http = new HttpClient();
            Assert.StartsWith("0{", await http.GetStringAsync(app.Urls.Single() + "/socket.io/?EIO=4&transport=polling", Stop), StringComparison.Ordinal);
        }
    }
}
