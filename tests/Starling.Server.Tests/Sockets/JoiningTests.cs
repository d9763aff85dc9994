using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

public sealed class JoiningTests
{
    private readonly Probe _probe = new();

    [Theory]
    [InlineData("refuse", "44{\"message\":\"no\"}")]
    [InlineData("throw", "44{\"message\":\"Internal server error\"}")]
    public async Task A_client_that_may_not_join_leaves_nothing_behind(string how, string answer)
    {
        await using var server = await StartAsync();
        server.Io.Use((socket, _) =>
        {
            socket.Services.GetRequiredService<ScopedProbe>();
            socket.Aborted.Register(() => _probe.Add("aborted"));
            throw how == "refuse" ? new ConnectRefusedException("no") : new InvalidOperationException("A middleware that fails.");
        });
        var client = await server.ConnectAsync(join: false);
        await client.SendAsync("40");
        Assert.Equal(answer, await client.ReceiveAsync());
        await _probe.HasAsync("made aborted disposed");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_join_whose_client_leaves_meanwhile_is_abandoned(bool minds)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync();
        server.Io.Use(async (socket, cancellationToken) =>
        {
            socket.Services.GetRequiredService<ScopedProbe>();
            socket.Aborted.Register(() => _probe.Add("aborted"));
            ready.SetResult();
            await (minds ? Task.Delay(Timeout.Infinite, cancellationToken) : Aborted(socket));
        });
        var client = await server.ConnectAsync(join: false);
        await client.SendAsync("40");
        await ready.Task;
        client.WebSocket.Abort();
        await _probe.HasAsync("made aborted disposed");
        Assert.Equal(0, server.Io.Main.SocketCount);

        static Task Aborted(Socket socket)
        {
            var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            socket.Aborted.Register(aborted.SetResult);
            return aborted.Task;
        }
    }

    [Fact]
    public async Task Rooms_that_middleware_joins_count_from_the_moment_the_client_is_in()
    {
        await using var server = await StartAsync();
        IReadOnlyCollection<string> before = [];
        server.Io.Use((socket, _) =>
        {
            socket.Join("kept", "left");
            socket.Leave("left");
            before = socket.Rooms;
            Assert.Empty(server.Io.Main.RoomNames);
            return ValueTask.CompletedTask;
        });
        var client = await server.ConnectAsync();
        Assert.Equal(["kept"], before);
        Assert.Equal(["kept"], server.Io.Main.RoomNames);
        await server.Io.To("left").EmitAsync("not this");
        await server.Io.To("kept").EmitAsync("this");
        Assert.Equal("42[\"this\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_recovered_socket_keeps_what_its_middleware_sets()
    {
        await using var server = await StartAsync(options =>
            options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions { SkipMiddlewares = false });
        var runs = 0;
        server.Io.Use((socket, _) =>
        {
            _probe.Add($"{socket.Recovered}:{(socket.Data.TryGetValue("run", out var former) ? former : null)}:{string.Join(',', socket.Rooms.Order())}");
            socket.Data["run"] = ++runs;
            socket.Join($"room {runs}");
            socket.OnRequest("run", () => Task.FromResult((int)socket.Data["run"]!));
            return socket.Handshake.Auth.TryGetProperty("refuse"u8, out var refuse) && refuse.GetInt32() == 1 ? throw new ConnectRefusedException("no") : ValueTask.CompletedTask;
        });
        var client = await server.ConnectAsync(join: false);
        await client.SendAsync("40");
        var answer = await client.ReceiveAsync();
        var recoveryId = JsonElement.Parse(answer.AsSpan(2).ToString()).GetProperty("pid").GetString();
        client.WebSocket.Abort();
        await Eventually.TrueAsync(() => server.Io.Main.SocketCount == 0, "the server has seen that the client left");
        await server.Io.To("room 1").EmitAsync("missed");

        // One that may not join leaves the lost socket as it was.
        var refused = await server.ConnectAsync(join: false);
        await refused.SendAsync($$"""40{"pid":"{{recoveryId}}","refuse":1}""");
        Assert.Equal("44{\"message\":\"no\"}", await refused.ReceiveAsync());

        var again = await server.ConnectAsync(join: false);
        await again.SendAsync($$"""40{"pid":"{{recoveryId}}"}""");
        Assert.StartsWith("42[\"missed\"", await again.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(answer, await again.ReceiveAsync());
        await again.SendAsync("421[\"run\"]");
        Assert.Equal("431[3]", await again.ReceiveAsync());
        await server.Io.To("room 3").EmitAsync("heard");
        Assert.StartsWith("42[\"heard\"", await again.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal("False:: True:1:room 1 True:1:room 1", _probe.Text);
    }

    [Fact]
    public async Task A_client_whose_hub_cannot_be_made_gets_an_error()
    {
        await using var server = await StartAsync();
        server.Io.MapHub<ImpossibleHub>();
        server.Io.OnDisconnect((_, _) => _probe.Add("left"));
        var client = await server.ConnectAsync(join: false);
        await client.SendAsync("40");
        Assert.Equal("44{\"message\":\"Internal server error\"}", await client.ReceiveAsync());
        Assert.Equal(0, server.Io.Main.SocketCount);
        Assert.Equal("", _probe.Text);
    }

    private Task<RunningServer> StartAsync(Action<SocketIOOptions>? configure = null) =>
        RunningServer.StartAsync(configure, services => services.AddSingleton(_probe).AddScoped<ScopedProbe>());

    private sealed class ImpossibleHub : SocketHub
    {
        public ImpossibleHub(IFormatProvider missing) => ArgumentNullException.ThrowIfNull(missing);

        protected override Task OnConnectedAsync() => Task.CompletedTask;
    }
}
