using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Sessions;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

public sealed class RateLimitTests
{
    private readonly ManualTime _time = new();
    private readonly List<DisconnectReason> _reasons = [];
    private int _handled;

    [Fact]
    public async Task An_event_over_its_limit_gets_an_error_and_a_client_that_goes_on_is_disconnected()
    {
        await using var server = await StartAsync();
        server.Io.Limit("vote", perSecond: 2, burst: 3);
        var refused = 0L;
        using var metrics = Count(server, value => Interlocked.Add(ref refused, value));
        var client = await server.ConnectAsync();
        await VoteAsync(client, from: 0, count: 3, "[true]");
        const string Refusal = """[{"error":"rate limit exceeded","scope":"event","retryAfter":1}]""";
        await VoteAsync(client, from: 3, count: 1, Refusal);
        Assert.Equal(3, _handled);

        // Other events and other clients have limits of their own.
        await client.SendAsync("429[\"other\"]");
        Assert.Equal("439[1]", await client.ReceiveAsync());
        await VoteAsync(await server.ConnectAsync(), from: 0, count: 1, "[true]");

        // What was refused counts, and one second brings two.
        _time.Advance(TimeSpan.FromSeconds(1));
        await VoteAsync(client, from: 4, count: 1, "[true]");
        await VoteAsync(client, from: 5, count: 1, Refusal);
        await VoteAsync(client, from: 6, count: 1, Refusal.Replace("\":1}", "\":1.5}", StringComparison.Ordinal));
        await VoteAsync(client, from: 7, count: 1, Refusal.Replace("\":1}", "\":2}", StringComparison.Ordinal));
        await client.SendAsync("428[\"vote\"]");
        Assert.Equal("41", await client.ReceiveAsync());
        Assert.StartsWith("closed", await client.ReceiveAsync(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => _reasons is [DisconnectReason.RateLimitExceeded], "the application is told why");
        Assert.Equal("rate limit exceeded", DisconnectReason.RateLimitExceeded.ToText());
        Assert.Equal(5, Interlocked.Read(ref refused));
        Assert.Equal(5, _handled);
    }

    [Fact]
    public async Task Arguments_of_a_refused_event_are_not_read()
    {
        await using var server = await StartAsync();
        server.Io.Limit("parsed", perSecond: 1, burst: 1);
        server.Io.OnRequest<Counted, int>("parsed", (_, _) => Task.FromResult(1));
        var client = await server.ConnectAsync();
        var before = Counted.Made;
        await client.SendAsync("421[\"parsed\",{}]");
        Assert.Equal("431[1]", await client.ReceiveAsync());
        await client.SendAsync("422[\"parsed\",{}]");
        Assert.StartsWith("432[{\"error\"", await client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(1, Counted.Made - before);
    }

    [Fact]
    public async Task Sockets_are_limited_in_all()
    {
        await using var server = await StartAsync(options => options.SocketRateLimit = new RateLimit(1, 2));
        var client = await server.ConnectAsync();
        await client.SendAsync("421[\"other\"]");
        Assert.Equal("431[1]", await client.ReceiveAsync());
        await VoteAsync(client, from: 2, count: 1, "[true]");
        await VoteAsync(client, from: 3, count: 1, """[{"error":"rate limit exceeded","scope":"socket","retryAfter":2}]""");
    }

    [Fact]
    public async Task All_sockets_of_a_user_share_one_limit_also_after_a_new_connection()
    {
        await using var server = await StartAsync(options =>
        {
            options.UserRateLimit = new RateLimit(1, 2);
            options.RateLimitUser = static socket => socket.Handshake.Auth.TryGetProperty("user"u8, out var user) ? user.GetString() : null;
        });
        await VoteAsync(await JoinAsync(server, "ann"), from: 0, count: 1, "[true]");
        var second = await JoinAsync(server, "ann");
        await VoteAsync(second, from: 0, count: 1, "[true]");
        second.WebSocket.Abort();
        await VoteAsync(await JoinAsync(server, "ann"), from: 0, count: 1, """[{"error":"rate limit exceeded","scope":"user","retryAfter":2}]""");
        await VoteAsync(await JoinAsync(server, "ben"), from: 0, count: 1, "[true]");
        await VoteAsync(await server.ConnectAsync(), from: 0, count: 5, "[true]");

        // Users who have sent nothing for long are forgotten.
        Assert.Equal(2, server.Io.UserBuckets!.Count);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(0, server.Io.UserBuckets!.Count);
        await VoteAsync(await JoinAsync(server, "ann"), from: 0, count: 2, "[true]");
    }

    [Fact]
    public void Limits_are_on_unless_the_network_is_trusted()
    {
        Assert.Equal(new RateLimit(10_000, 20_000), new SocketIOOptions().EffectiveSocketLimit);
        Assert.Equal(new RateLimit(20_000, 40_000), new SocketIOOptions().EffectiveUserLimit);
        Assert.Null(new SocketIOOptions { TrustedNetwork = true }.EffectiveSocketLimit);
        Assert.Null(new SocketIOOptions { TrustedNetwork = true }.EffectiveUserLimit);
        Assert.Null(new SocketIOOptions { SocketRateLimit = RateLimit.None }.EffectiveSocketLimit);
        Assert.Equal(new RateLimit(1, 2), new SocketIOOptions { TrustedNetwork = true, SocketRateLimit = new(1, 2) }.EffectiveSocketLimit);
    }

    [Fact]
    public void Limits_can_be_set_by_configuration()
    {
        var options = new SocketIOOptions();
        new ConfigurationBuilder().AddInMemoryCollection(
            [new("SocketRateLimit:PerSecond", "2.5"), new("SocketRateLimit:Burst", "7"), new("TrustedNetwork", "true")]).Build().Bind(options);
        Assert.Equal(new RateLimit(2.5, 7), options.EffectiveSocketLimit);
        Assert.Null(options.EffectiveUserLimit);
        Assert.Equal(new RateLimit(10_000, 20_000), new SocketIOOptions().SocketRateLimit);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(1, 0)]
    public async Task Numbers_that_are_not_a_rate_are_refused(double perSecond, int burst)
    {
        Assert.Contains(new SocketIOOptions { UserRateLimit = new(perSecond, burst) }.Check(), error => error.StartsWith("UserRateLimit", StringComparison.Ordinal));
        await using var server = await StartAsync();
        Assert.Throws<ArgumentException>(() => server.Io.Limit("vote", perSecond, burst));
    }

    private static async Task VoteAsync(RawClient client, int from, int count, string answer)
    {
        for (var i = from; i < from + count; i++)
        {
            await client.SendAsync($"42{i}[\"vote\"]");
            Assert.Equal($"43{i}{answer}", await client.ReceiveAsync());
        }
    }

    private static async Task<RawClient> JoinAsync(RunningServer server, string user)
    {
        var client = await server.ConnectAsync(join: false);
        await client.SendAsync($$"""40{"user":"{{user}}"}""");
        Assert.StartsWith("40{", await client.ReceiveAsync(), StringComparison.Ordinal);
        return client;
    }

    private static MeterListener Count(RunningServer server, Action<long> add)
    {
        var factory = server.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "starling.events.refused" && instrument.Meter.Scope == factory)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => add(value));
        listener.Start();
        return listener;
    }

    private async Task<RunningServer> StartAsync(Action<SocketIOOptions>? configure = null)
    {
        var server = await RunningServer.StartAsync(configure, services => services.AddSingleton<TimeProvider>(_time));
        server.Io.OnRequest("vote", _ => Task.FromResult(Interlocked.Increment(ref _handled) > 0));
        server.Io.OnRequest("other", _ => Task.FromResult(1));
        server.Io.OnDisconnect((_, reason) => _reasons.Add(reason));
        return server;
    }

    private sealed class Counted
    {
        private static int _made;

        public Counted() => Interlocked.Increment(ref _made);

        public static int Made => Volatile.Read(ref _made);
    }
}
