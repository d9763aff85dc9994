using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Apps.Watcher;
using Starling.Apps.Watcher.Visiting;
using Starling.Worker;

namespace Starling.Apps.Tests.Watcher;

public sealed class VisitorEndpointTests : IAsyncLifetime
{
    private const string Id = "0123456789abcdef0123456789abcdef";

    private WebApplication _app = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.UseStarlingWorker(options => options.DrainTimeout = TimeSpan.FromSeconds(5));
        builder.Services.AddWatcherWorker(new WatcherOptions { MaxVisitorsPerWorker = 2 });
        _app = builder.Build();
        _app.UseWebSockets();
        _app.MapWatcherWorker();
        await _app.StartAsync();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Moves_are_taken()
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(new byte[] { 0, 1, 0, 2, 255, 255, 0, 0 }, WebSocketMessageType.Binary, true, Cancelled);
        var table = _app.Services.GetRequiredService<VisitorTable>();
        int[]? moves = null;
        for (var i = 0; i < 1_500 && moves is null; i++)
        {
            moves = table.TakeReport()?.Moves?[0];
            await Task.Delay(20, Cancelled);
        }

        Assert.Equal([1, 1, 2, 65_535, 0], moves!);
    }

    [Theory]
    [InlineData(0, WebSocketMessageType.Binary, WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData(3, WebSocketMessageType.Binary, WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData(2_000, WebSocketMessageType.Binary, WebSocketCloseStatus.MessageTooBig)]
    [InlineData(8, WebSocketMessageType.Text, WebSocketCloseStatus.InvalidMessageType)]
    public async Task A_message_that_is_none_closes_the_socket_with_the_reason(int bytes, WebSocketMessageType type, WebSocketCloseStatus expected)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(new byte[bytes], type, true, Cancelled);
        Assert.Equal(expected, await CloseStatusAsync(socket));
        Assert.NotEmpty(socket.CloseStatusDescription!);
    }

    [Fact]
    public async Task A_page_that_floods_is_closed()
    {
        using var socket = await ConnectAsync();
        var closed = CloseStatusAsync(socket);
        for (var i = 0; i < 20_000 && !closed.IsCompleted; i++)
        {
            try
            {
                await socket.SendAsync(new byte[4], WebSocketMessageType.Binary, true, Cancelled);
            }
            catch (WebSocketException)
            {
                // The server has closed it meanwhile.
                break;
            }
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await closed);
    }

    [Fact]
    public async Task Too_many_visitors_are_told_to_come_back()
    {
        using var first = await ConnectAsync();
        using var second = await ConnectAsync();
        using var third = await ConnectAsync(isTaken: false);
        Assert.Equal((WebSocketCloseStatus)1013, await CloseStatusAsync(third));
    }

    [Fact]
    public async Task A_worker_that_drains_tells_its_visitors_to_come_back()
    {
        using var socket = await ConnectAsync();
        _app.Services.GetRequiredService<IStarlingWorker>().Drain();
        Assert.Equal((WebSocketCloseStatus)1012, await CloseStatusAsync(socket));
    }

    [Theory]
    [InlineData("/watcher/moves?visitor=" + Id, null, HttpStatusCode.UpgradeRequired)]
    [InlineData("/watcher/moves?visitor=x", "", HttpStatusCode.BadRequest)]
    [InlineData("/watcher/moves?visitor=" + Id, "http://evil.example", HttpStatusCode.Forbidden)]
    public async Task A_connection_that_no_page_of_ours_makes_is_refused(string path, string? origin, HttpStatusCode expected)
    {
        var url = new Uri(_app.Urls.Single());
        if (origin is null)
        {
            using var client = new HttpClient();
            using var response = await client.GetAsync(new Uri(url, path), Cancelled);
            Assert.Equal(expected, response.StatusCode);
            return;
        }

        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin.Length > 0)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{url.Authority}{path}"), Cancelled));
        Assert.Equal(expected, socket.HttpStatusCode);
    }

    private async Task<ClientWebSocket> ConnectAsync(bool isTaken = true)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{new Uri(_app.Urls.Single()).Authority}/watcher/moves?visitor={Id}"), Cancelled);
        if (isTaken)
        {
            var buffer = new byte[200];
            var welcome = await socket.ReceiveAsync(buffer, Cancelled);
            Assert.Contains("process", System.Text.Encoding.UTF8.GetString(buffer, 0, welcome.Count), StringComparison.Ordinal);
        }

        return socket;
    }

    private static async Task<WebSocketCloseStatus?> CloseStatusAsync(ClientWebSocket socket)
    {
        var received = await socket.ReceiveAsync(new byte[200], Cancelled).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        if (socket.State == WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
        }

        return received.CloseStatus;
    }
}
