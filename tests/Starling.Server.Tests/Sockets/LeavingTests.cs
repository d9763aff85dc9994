using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

/// <summary>What was received before a client left.</summary>
public sealed class LeavingTests
{
    private readonly Probe _probe = new();
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(false, "packet")]
    [InlineData(false, "close")]
    [InlineData(false, "abort")]
    [InlineData(true, "packet")]
    [InlineData(true, "close")]
    [InlineData(true, "abort")]
    public async Task Is_handled_in_order_then_the_application_is_told_then_the_services_are_disposed(bool recovers, string way)
    {
        await using var server = await StartAsync(recovers);
        var client = await server.ConnectAsync();
        await SendNotesAsync(client);
        switch (way)
        {
            case "packet":
                await client.SendAsync("41");
                break;
            case "close":
                await client.WebSocket.CloseOutputAsync(default(System.Net.WebSockets.WebSocketCloseStatus) + 1000, null, TestContext.Current.CancellationToken);
                break;
            default:
                client.WebSocket.Abort();
                break;
        }

        await Eventually.TrueAsync(() => server.Io.Sockets.All(static socket => !socket.Connected), "the server has seen that the client left");
        Assert.Equal("made slow", _probe.Text);
        _release.SetResult();
        await _probe.HasAsync("made slow alive 1 2 leaving left disposed");
        Assert.Equal(0, server.Io.Main.SocketCount);
    }

    [Fact]
    public async Task Changes_what_a_client_finds_when_it_is_recovered()
    {
        await using var server = await StartAsync(recovers: true);
        server.Io.On<string>("join", static (socket, room) => socket.Join(room!));
        var client = await server.ConnectAsync(join: false);
        await client.SendAsync("40");
        var answer = await client.ReceiveAsync();
        var id = System.Text.Json.JsonElement.Parse(answer.AsSpan(2).ToString());
        await SendNotesAsync(client);
        await client.SendAsync("42[\"join\",\"late\"]");
        client.WebSocket.Abort();
        await Eventually.TrueAsync(() => server.Io.Sockets.All(static socket => !socket.Connected), "the server has seen that the client left");

        var again = await server.ConnectAsync(join: false);
        await again.SendAsync($$"""40{"pid":"{{id.GetProperty("pid").GetString()}}"}""");
        _release.SetResult();
        Assert.Equal(answer, await again.ReceiveAsync());
        Assert.Contains("slow alive 1 2 leaving left", _probe.Text, StringComparison.Ordinal);
        await server.Io.To("late").EmitAsync("heard");
        Assert.StartsWith("42[\"heard\"", await again.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_dropped_when_the_application_has_put_the_client_out()
    {
        await using var server = await StartAsync(recovers: false);
        server.Io.On("kick", async (Socket socket) =>
        {
            await _release.Task;
            socket.Disconnect();
            _probe.Add("kicked");
        });
        var client = await server.ConnectAsync();
        await client.SendAsync("42[\"kick\"]");
        await client.SendAsync("42[\"note\",1]");

        // Both are there: what the second namespace answers was sent behind them.
        await client.SendAsync("40/other,");
        Assert.StartsWith("40/other,", await client.ReceiveAsync(), StringComparison.Ordinal);
        _release.SetResult();
        Assert.Equal("41", await client.ReceiveAsync());
        await _probe.HasAsync("kicked leaving left");
    }

    [Fact]
    public async Task Does_not_wait_for_an_answer_of_the_client_that_left()
    {
        await using var server = await StartAsync(recovers: false);
        server.Io.On("ask", async (Socket socket) =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => socket.EmitWithAckAsync<int>("question"));
            _probe.Add("unanswered");
        });
        var client = await server.ConnectAsync();
        await client.SendAsync("42[\"ask\"]");
        Assert.Equal("420[\"question\"]", await client.ReceiveAsync());
        await client.SendAsync("41");
        await _probe.HasAsync("unanswered leaving left");
    }

    [Fact]
    public async Task Connection_handlers_keep_their_services_until_they_end()
    {
        await using var server = await StartAsync(recovers: false);
        server.Io.OnConnection(async socket =>
        {
            var service = socket.Services.GetRequiredService<ScopedProbe>();
            await _release.Task;
            _probe.Add(service.IsDisposed ? "too late" : "alive");
        });
        var client = await server.ConnectAsync();
        var socket = server.Io.Sockets.Single();
        await client.SendAsync("41");
        await _probe.HasAsync("made leaving left");
        _release.SetResult();
        await _probe.HasAsync("made leaving left alive disposed");
        Assert.Throws<ObjectDisposedException>(() => socket.Services);
    }

    private async Task<RunningServer> StartAsync(bool recovers)
    {
        var server = await RunningServer.StartAsync(
            options => options.ConnectionStateRecovery = recovers ? new ConnectionStateRecoveryOptions() : null,
            services => services.AddSingleton(_probe).AddScoped<ScopedProbe>());
        server.Io.Of("/other");
        server.Io.On("slow", async (Socket socket) =>
        {
            var service = socket.Services.GetRequiredService<ScopedProbe>();
            _probe.Add("slow");
            await _release.Task;
            _probe.Add(service.IsDisposed ? "too late" : "alive");
        });
        server.Io.On<int>("note", (_, number) => _probe.Add($"{number}"));
        server.Io.OnDisconnecting((_, _) =>
        {
            _probe.Add("leaving");
            return Task.CompletedTask;
        });
        server.Io.OnDisconnect((_, _) => _probe.Add("left"));
        return server;
    }

    // Seen by the server as soon as the third is sent: the events of a connection are read in order.
    private static async Task SendNotesAsync(RawClient client)
    {
        await client.SendAsync("42[\"slow\"]");
        await client.SendAsync("42[\"note\",1]");
        await client.SendAsync("42[\"note\",2]");
        await client.SendAsync("40/other,");
        Assert.StartsWith("40/other,", await client.ReceiveAsync(), StringComparison.Ordinal);
    }
}
