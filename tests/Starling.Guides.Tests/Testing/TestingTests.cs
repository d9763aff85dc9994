using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Channels;

namespace Starling.Guides.Tests.Testing;

/// <summary>The snippets of the guide about testing: Socket.IO, documents and channels of an application, with and without a network.</summary>
public sealed class TestingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Channels_on_the_test_server()
    {
        // begin testserver
        await using var factory = new WebApplicationFactory<Program>();
        var connector = factory.Server.CreateWebSocketClient();
        using var socket = await connector.ConnectAsync(new Uri("ws://localhost/.well-known/mercure?match=news"), Stop);
        var hello = await ReceiveAsync(socket);                                     // {"cursor":"…"}: subscribed from here on

        var channels = factory.Services.GetRequiredService<IChannelPublisher>();
        await channels.PublishAsync(new Update("news", "hello"), Stop);
        var update = await ReceiveAsync(socket);                                    // {"id":"…","topic":"news","data":"hello",…}
        // end

        Assert.StartsWith("{\"cursor\":", hello, StringComparison.Ordinal);
        Assert.Equal("hello", JsonDocument.Parse(update).RootElement.GetProperty("data").GetString());
    }

    [Fact]
    public async Task Socket_IO_on_the_test_server()
    {
        await using var factory = new WebApplicationFactory<Program>();

        // begin socketio-testserver
        var connector = factory.Server.CreateWebSocketClient();
        using var socket = await connector.ConnectAsync(new Uri("ws://localhost/socket.io/?EIO=4&transport=websocket"), Stop);
        await ReceiveAsync(socket);                                                 // 0{"sid":"…",…}: the session is open
        await SendAsync(socket, "40");                                              // join the main namespace
        await ReceiveAsync(socket);                                                 // 40{"sid":"…"}
        await SendAsync(socket, "420[\"add\",2,3]");                                // emit add(2, 3), acknowledge as 0
        var answer = await ReceiveAsync(socket);                                    // 430[5]
        // end

        Assert.Equal("430[5]", answer);
    }

    [Fact]
    public async Task Documents_on_the_test_server()
    {
        await using var factory = new WebApplicationFactory<Program>();
        var connector = factory.Server.CreateWebSocketClient();
        using var socket = await connector.ConnectAsync(new Uri("ws://localhost/sharedb"), Stop);
        Assert.Contains("\"a\":\"init\"", await ReceiveAsync(socket), StringComparison.Ordinal);

        await SendAsync(socket, """{"a":"hs","id":null,"protocol":1,"protocolMinor":2}""");
        Assert.Contains("\"a\":\"hs\"", await ReceiveAsync(socket), StringComparison.Ordinal);
        await SendAsync(socket, """{"a":"op","c":"notes","d":"first","v":0,"seq":1,"create":{"type":"http://sharejs.org/types/JSONv0","data":{"text":"hi"}}}""");
        Assert.Contains("\"a\":\"op\"", await ReceiveAsync(socket), StringComparison.Ordinal);
        await SendAsync(socket, """{"a":"f","c":"notes","d":"first"}""");

        Assert.Contains("\"text\":\"hi\"", await ReceiveAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_of_others_over_a_real_port()
    {
        // begin kestrel
        await using var factory = new WebApplicationFactory<Program>();
        factory.UseKestrel(0);                                                      // .NET 10: a real server on a free port of loopback
        factory.StartServer();
        using var client = new SocketIOClient.SocketIO(factory.ClientOptions.BaseAddress);
        var sum = new TaskCompletionSource<int>();
        client.OnConnected += async (_, _) => await client.EmitAsync("add", answer => sum.TrySetResult(answer.GetValue<int>()), 2, 3);
        await client.ConnectAsync();
        var five = await sum.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        // end

        Assert.Equal(5, five);
    }

    // begin helpers
    private static Task SendAsync(WebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Stop);

    private static async Task<string> ReceiveAsync(WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), Stop);
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
    // end
}
