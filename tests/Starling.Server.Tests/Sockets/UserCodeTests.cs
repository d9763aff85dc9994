using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

/// <summary>Code of the application that fails: it is logged, and harms nothing else.</summary>
public sealed class UserCodeTests
{
    private readonly LogCapture _log = new();
    private readonly Probe _probe = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Callbacks_on_the_end_of_a_session_that_is_found_dead_may_throw()
    {
        await using var server = await StartAsync(_time);
        server.Io.OnConnection(socket =>
        {
            socket.Services.GetRequiredService<ScopedProbe>();
            socket.Session.Closed.Register(static () => throw new InvalidOperationException("session callback"));
            socket.Aborted.Register(static () => throw new InvalidOperationException("socket callback"));
        });
        server.Io.OnDisconnect((_, reason) => _probe.Add(reason.ToString()));
        await server.ConnectAsync();
        await _probe.HasAsync("made");
        _time.Advance(TimeSpan.FromSeconds(26));
        _time.Advance(TimeSpan.FromSeconds(21));
        await _probe.HasAsync("made PingTimeout disposed");
        await Eventually.TrueAsync(() => _log.Has(25, "session callback") && _log.Has(25, "socket callback"), "both are logged");
        Assert.True(_log.Has(25, "Session.Closed") && _log.Has(25, "Socket.Aborted"));

        // The timers go on.
        await server.ConnectAsync();
        _time.Advance(TimeSpan.FromSeconds(26));
        _time.Advance(TimeSpan.FromSeconds(21));
        await _probe.HasAsync("made PingTimeout disposed made PingTimeout disposed");
    }

    [Fact]
    public async Task A_handler_that_blocks_holds_up_no_timer_of_other_clients()
    {
        await using var server = await StartAsync(_time);
        using var block = new ManualResetEventSlim();
        server.Io.OnDisconnect((socket, _) =>
        {
            _probe.Add("disconnect");
            block.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        });
        await server.ConnectAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        await server.ConnectAsync();
        _time.Advance(TimeSpan.FromSeconds(26));
        _time.Advance(TimeSpan.FromSeconds(30));
        await _probe.HasAsync("disconnect disconnect");
        block.Set();
    }

    [Fact]
    public async Task A_handler_may_return_null_in_place_of_a_task()
    {
        await using var server = await StartAsync();
        server.Io.On("null", (Func<Socket, Task>)(static _ => null!));
        server.Io.OnRequest("null-request", (Func<Socket, Task<int>>)(static _ => null!));
        server.Io.OnRequest("after", static _ => Task.FromResult(1));
        var client = await server.ConnectAsync();
        await client.SendAsync("42[\"null\"]");
        await client.SendAsync("420[\"null-request\"]");
        await client.SendAsync("421[\"after\"]");
        Assert.Equal("431[1]", await client.ReceiveAsync());
        Assert.True(_log.Has(6, "returned null"));
    }

    [Fact]
    public async Task A_refusal_whose_details_cannot_be_serialised_is_told_by_its_message()
    {
        await using var server = await StartAsync();
        server.Io.Use(static (_, _) => throw new ConnectRefusedException("no", new Unserialisable()));
        var client = await server.ConnectAsync(join: false);
        await client.SendAsync("40");
        Assert.Equal("44{\"message\":\"no\"}", await client.ReceiveAsync());
        Assert.True(_log.Has(28, "details"));
    }

    [Fact]
    public async Task Services_that_cannot_be_disposed_are_logged()
    {
        await using var server = await StartAsync();
        server.Io.OnConnection(socket => { socket.Services.GetRequiredService<Unserialisable>(); });
        var client = await server.ConnectAsync();
        client.WebSocket.Abort();
        await Eventually.TrueAsync(() => _log.Has(26, "cannot be disposed"), "the failure is logged");
    }

    private Task<RunningServer> StartAsync(TimeProvider? time = null) => RunningServer.StartAsync(services: services =>
    {
        services.AddSingleton<ILoggerProvider>(_log).AddSingleton(_probe).AddScoped<ScopedProbe>().AddScoped<Unserialisable>();
        if (time is not null)
        {
            services.AddSingleton(time);
        }
    });

    private sealed class Unserialisable : IDisposable
    {
        private readonly string _reason = "The details cannot be read.";

        public int Value => throw new InvalidOperationException(_reason);

        public void Dispose() => throw new InvalidOperationException("A service that cannot be disposed.");
    }
}
