using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Server.Backplane;
using Starling.Server.Sockets;

namespace Starling.Server.Tests;

/// <summary>A Socket.IO server in this process, on Kestrel and a free port.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningServer(WebApplication app, SocketIOServer io)
    {
        _app = app;
        Io = io;
    }

    public SocketIOServer Io { get; }

    public IServiceProvider Services => _app.Services;

    public Uri Url => new(_app.Urls.Single());

    public HttpClient Http => new() { BaseAddress = Url };

    public static async Task<RunningServer> StartAsync(
        Action<SocketIOOptions>? configure = null, Action<IServiceCollection>? services = null, IBackplane? backplane = null,
        bool lean = false, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (lean)
        {
            builder.WebHost.UseLeanWebSockets();
        }

        builder.Services.AddSocketIO();
        services?.Invoke(builder.Services);
        if (backplane is not null)
        {
            builder.Services.AddSingleton(backplane);
        }

        var app = builder.Build();
        var io = app.MapSocketIO("/socket.io", configure);
        app.Urls.Add($"http://127.0.0.1:{port}");
        await app.StartAsync();
        return new RunningServer(app, io);
    }

    /// <summary>Connects a WebSocket and, unless told otherwise, joins the main namespace.</summary>
    public async Task<RawClient> ConnectAsync(bool join = true, string name = "")
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{Url.Authority}/socket.io/?EIO=4&transport=websocket"), TestContext.Current.CancellationToken);
        var client = new RawClient(socket);
        Assert.StartsWith("0{", await client.ReceiveAsync(), StringComparison.Ordinal);
        if (join)
        {
            await client.SendAsync("40" + name);
            Assert.StartsWith("40" + name, await client.ReceiveAsync(), StringComparison.Ordinal);
        }

        return client;
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

/// <summary>A WebSocket whose packets a test writes and reads by hand.</summary>
internal sealed class RawClient(ClientWebSocket socket)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public ClientWebSocket WebSocket => socket;

    public Task SendAsync(string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);

    public Task SendAsync(byte[] bytes) =>
        socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, TestContext.Current.CancellationToken);

    /// <summary>The next message; "closed" and its code when the server has closed.</summary>
    public async Task<string> ReceiveAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var bytes = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, limit.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return $"closed {(int?)socket.CloseStatus} {socket.CloseStatusDescription}".TrimEnd();
            }

            bytes.AddRange(buffer.AsSpan(0, result.Count));
            if (result.EndOfMessage)
            {
                return result.MessageType == WebSocketMessageType.Text
                    ? Encoding.UTF8.GetString([.. bytes]) : "binary " + Convert.ToHexString([.. bytes]);
            }
        }
    }
}
