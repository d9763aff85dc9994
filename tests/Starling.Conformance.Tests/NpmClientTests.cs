using Starling.Server.Sessions;
using Starling.Server.Sockets;

namespace Starling.Conformance.Tests;

/// <summary>The official npm clients, unchanged, against the server.</summary>
public sealed class NpmClientTests
{
    public static TheoryData<string> Transports => ["polling", "websocket", "polling,websocket"];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Events_and_acknowledgements(string transports)
    {
        await using var server = await ConformanceServer.StartAsync();
        await NodeScenario.RunAsync("events", server.Url, transports);
    }

    [Fact]
    public async Task Events_over_websockets_that_are_part_of_their_requests()
    {
        await using var server = await ConformanceServer.StartAsync(lean: false);
        await NodeScenario.RunAsync("events", server.Url, "polling,websocket");
    }

    [Theory]
    [InlineData(false, SlowClientPolicy.Disconnect)]
    [InlineData(true, SlowClientPolicy.Disconnect)]
    [InlineData(true, SlowClientPolicy.Wait)]
    public async Task Messages_larger_than_what_may_wait(bool lean, SlowClientPolicy policy)
    {
        await using var server = await ConformanceServer.StartAsync(options => options.SlowClients = policy, lean: lean);
        await NodeScenario.RunAsync("large", server.Url);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Close_codes_that_come_while_the_client_is_still_sending(bool lean)
    {
        await using var server = await ConformanceServer.StartAsync(lean: lean);
        await NodeScenario.RunAsync("closing", server.Url);
    }

    [Fact]
    public async Task Events_under_another_path()
    {
        await using var server = await ConformanceServer.StartAsync(path: "/deep/down/sockets/");
        await NodeScenario.RunAsync("prefix", server.Url, "polling,websocket");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Namespaces_and_middleware(string transports)
    {
        await using var server = await ConformanceServer.StartAsync();
        await NodeScenario.RunAsync("namespaces", server.Url, transports);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Rooms_and_broadcasts(string transports)
    {
        await using var server = await ConformanceServer.StartAsync();
        await NodeScenario.RunAsync("rooms", server.Url, transports);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Rooms_and_broadcasts_with_recovery_on(string transports)
    {
        await using var server = await ConformanceServer.StartAsync(options => options.ConnectionStateRecovery = new());
        await NodeScenario.RunAsync("rooms", server.Url, transports);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_lost_connection_is_recovered(string transports)
    {
        await using var server = await ConformanceServer.StartAsync(options => options.ConnectionStateRecovery = new());
        await NodeScenario.RunAsync("recovery", server.Url, transports);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Clients_of_socket_io_2(string transports)
    {
        await using var server = await ConformanceServer.StartAsync(options =>
        {
            options.AllowEIO3 = true;
            options.PingInterval = TimeSpan.FromMilliseconds(400);
            options.PingTimeout = TimeSpan.FromMilliseconds(800);
        });
        await NodeScenario.RunAsync("version2", server.Url, transports);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task The_messagepack_parser(string transports)
    {
        await using var server = await ConformanceServer.StartAsync(options => options.Parser = PacketParser.MessagePack);
        await NodeScenario.RunAsync("msgpack", server.Url, transports);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_client_can_make_the_server_relay_what_others_cannot_read(bool recovers)
    {
        await using var server = await ConformanceServer.StartAsync(
            options => options.ConnectionStateRecovery = recovers ? new ConnectionStateRecoveryOptions() : null);
        await NodeScenario.RunScriptAsync(["scenarios/forged.mjs", server.Url], [], TimeSpan.FromMinutes(5));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Events_sent_before_a_client_left_are_handled(string transports)
    {
        await using var server = await ConformanceServer.StartAsync(options => options.ConnectionStateRecovery = new());
        await NodeScenario.RunAsync("leaving", server.Url, transports);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Late_packets_and_values_that_only_javascript_has(string transports)
    {
        await using var server = await ConformanceServer.StartAsync();
        await NodeScenario.RunAsync("late", server.Url, transports);
    }

    [Fact]
    public async Task A_client_behind_a_slow_handler_is_not_dead()
    {
        await using var server = await ConformanceServer.StartAsync(options =>
            (options.PingInterval, options.PingTimeout) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3)));
        await NodeScenario.RunAsync("busy", server.Url);
    }

    [Fact]
    public async Task Compressed_websockets()
    {
        await using var server = await ConformanceServer.StartAsync(options =>
        {
            options.WebSocketCompression = true;
            options.WebSocketCompressionThreshold = 16;
        });
        await NodeScenario.RunAsync("compression", server.Url);
    }
}
