using System.Text.Json;
using Starling.Server.Backplane;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets.Recovery;

/// <summary>A client that was lost at one node and comes back at another goes on where it was.</summary>
public sealed class MovingClientTests
{
    [Fact]
    public async Task A_client_gets_its_id_rooms_data_and_what_it_missed_at_another_node()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        var (id, socket) = (client.Id, cluster[0].Io.Sockets[0]);
        socket.Join("red");
        socket.Data["name"] = "Ada";
        socket.Data["visits"] = 3;
        await cluster[0].Io.EmitAsync("first");
        await client.HasAsync(1);
        await LoseAsync(client, cluster[0]);

        await cluster[0].Io.To("red").EmitAsync("from the first node");
        await cluster[1].Io.To("red").EmitAsync("from the second node");
        await cluster[1].Io.To("blue").EmitAsync("for others");
        await client.JoinAsync(cluster[1]);
        await cluster[0].Io.To("red").EmitAsync("after");

        await client.HasAsync(4);
        Assert.True(client.Recovered);
        Assert.Equal(id, client.Id);
        Assert.Equal(["first", "from the first node", "from the second node", "after"], client.Events);
        var recovered = Assert.Single(cluster[1].Io.Sockets);
        Assert.True(recovered.Recovered);
        Assert.Equal(new HashSet<string> { "red", id }, recovered.Rooms.ToHashSet());
        Assert.Equal("Ada", recovered.Data["name"]);
        Assert.Equal(3, Assert.IsType<JsonElement>(recovered.Data["visits"]).GetInt32());
    }

    [Fact]
    public async Task A_client_that_has_got_nothing_yet_is_recovered_all_the_same()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2);
        await cluster[1].Io.EmitAsync("before its time");
        var client = await RecoveringClient.StartAsync(cluster[0]);
        await LoseAsync(client, cluster[0]);
        await cluster[1].Io.EmitAsync("missed");
        await client.JoinAsync(cluster[1]);
        await client.HasAsync(1);
        Assert.True(client.Recovered);
        Assert.Equal(["missed"], client.Events);
    }

    [Fact]
    public async Task A_chain_of_moves_with_nothing_received_in_between_loses_nothing()
    {
        await using var cluster = await RecoveryCluster.StartAsync(4);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        var id = client.Id;
        await cluster[0].Io.EmitAsync("0");
        await client.HasAsync(1);
        var offset = client.Offset;
        for (var i = 1; i < 8; i++)
        {
            await LoseAsync(client, cluster[(i - 1) % 4]);
            await cluster[(i + 1) % 4].Io.EmitAsync($"{i}");
            if (i < 7)
            {
                // It joins, and its connection breaks before it has read anything.
                var silent = new RecoveringClient { RecoveryId = client.RecoveryId, Offset = offset };
                await silent.JoinAsync(cluster[i % 4]);
                Assert.True(silent.Recovered);
                await silent.BreakAsync();
                await GoneAsync(cluster[i % 4]);
            }
        }

        client.Offset = offset;
        await client.JoinAsync(cluster[3]);
        await client.HasAsync(8);
        Assert.True(client.Recovered);
        Assert.Equal(id, client.Id);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7"], client.Events);
    }

    [Fact]
    public async Task A_client_that_breaks_in_the_middle_of_what_it_missed_gets_the_rest_elsewhere()
    {
        await using var cluster = await RecoveryCluster.StartAsync(3);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        await LoseAsync(client, cluster[0]);
        for (var i = 0; i < 6; i++)
        {
            await cluster[i % 2].Io.EmitAsync($"{i}");
        }

        // It got four of the six, each with the offset that the second node gave it.
        var offsets = new List<string>();
        var silent = new RecoveringClient { RecoveryId = client.RecoveryId };
        await silent.JoinAsync(cluster[1]);
        await silent.HasAsync(6);
        var last = silent.Offset!;
        offsets.Add(last[..last.LastIndexOf('.')]);
        client.Offset = offsets[0] + ".4";
        await silent.BreakAsync();
        await GoneAsync(cluster[1]);
        await cluster[0].Io.EmitAsync("6");
        await client.JoinAsync(cluster[2]);
        await client.HasAsync(3);
        Assert.True(client.Recovered);
        Assert.Equal([.. silent.Events[4..], "6"], client.Events);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public async Task A_client_is_recovered_although_the_clock_of_the_machine_was_set(int seconds)
    {
        var clock = new SettableClock();
        await using var cluster = await RecoveryCluster.StartAsync(2, time: clock);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        await LoseAsync(client, cluster[0]);
        await cluster[0].Io.EmitAsync("before");
        clock.SetForward(TimeSpan.FromSeconds(seconds));
        await cluster[1].Io.EmitAsync("after");
        await client.JoinAsync(cluster[1]);
        await client.HasAsync(2);
        Assert.True(client.Recovered);
        Assert.Equal(["before", "after"], client.Events);
    }

    [Fact]
    public async Task A_client_that_comes_again_to_a_node_where_nothing_has_happened_since_gets_nothing_twice()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        await LoseAsync(client, cluster[0]);
        await cluster[0].Io.EmitAsync("first");
        await cluster[0].Io.EmitAsync("second");

        // It has got the first one when its connection breaks; at the other node it gets nothing, and then the second one here.
        await client.JoinAsync(cluster[1]);
        await client.HasAsync(2);
        client.Offset = client.Offset![..client.Offset!.LastIndexOf('.')] + ".1";
        await LoseAsync(client, cluster[1]);
        var silent = Copy(client);
        await silent.JoinAsync(cluster[0]);
        await silent.BreakAsync();
        await GoneAsync(cluster[0]);
        client = Copy(client);
        await client.JoinAsync(cluster[1]);
        await client.HasAsync(1);
        Assert.Equal(["second"], client.Events);

        await LoseAsync(client, cluster[1]);
        await client.JoinAsync(cluster[0]);
        await cluster[0].Io.EmitAsync("third");
        await client.HasAsync(2);
        Assert.True(client.Recovered);
        Assert.Equal(["second", "third"], client.Events);
    }

    [Fact]
    public async Task A_client_that_comes_back_before_its_old_connection_is_found_dead_is_recovered()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2);
        var reasons = new List<string>();
        cluster[0].Io.OnDisconnect((_, reason) =>
        {
            reasons.Add(reason.ToString());
            return Task.CompletedTask;
        });
        var client = await RecoveringClient.StartAsync(cluster[0]);
        var id = client.Id;
        foreach (var node in new[] { 1, 0, 0, 1 })
        {
            client.Abandon();
            await cluster[node].Io.EmitAsync($"missed {node}");
            await client.JoinAsync(cluster[node]);
            Assert.True(client.Recovered);
            Assert.Equal(id, client.Id);
            Assert.Equal(1, cluster.SocketsWith(id));
        }

        await client.HasAsync(4);
        Assert.Equal(["missed 1", "missed 0", "missed 0", "missed 1"], client.Events);
        Assert.All(reasons, reason => Assert.Equal("TransportClose", reason));
    }

    [Fact]
    public async Task An_unknown_id_becomes_a_new_session_as_soon_as_all_nodes_have_said_no()
    {
        await using var cluster = await RecoveryCluster.StartAsync(3);
        var client = new RecoveringClient { RecoveryId = "nobody.knows", Offset = "12345678-9" };
        var began = TimeProvider.System.GetTimestamp();
        await client.JoinAsync(cluster[0]);
        Assert.False(client.Recovered);

        // Against the second that it would take without the answers, and on a machine that is busy.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(0.9));
    }

    [Fact]
    public async Task A_node_that_does_not_answer_holds_a_client_up_for_a_bounded_time()
    {
        await using var cluster = await RecoveryCluster.StartAsync(1);
        await using var silent = new InMemoryBackplane(cluster.Hub);
        await using var subscription = await silent.SubscribeAsync(
            "socket.io#/#", static _ => ValueTask.CompletedTask, TestContext.Current.CancellationToken);
        var client = new RecoveringClient { RecoveryId = "was.there", Offset = "12345678-9" };
        var began = TimeProvider.System.GetTimestamp();
        await client.JoinAsync(cluster[0]);
        Assert.False(client.Recovered);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task An_offset_that_is_too_old_is_not_recovered()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2, options => options.ConnectionStateRecovery!.MaxStoredBytes = 1000);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        await cluster[0].Io.EmitAsync("first");
        await client.HasAsync(1);
        await LoseAsync(client, cluster[0]);
        for (var i = 0; i < 20; i++)
        {
            await cluster[0].Io.EmitAsync("large", new string('x', 100));
        }

        foreach (var node in new[] { 1, 0 })
        {
            var began = TimeProvider.System.GetTimestamp();
            var late = Copy(client);
            await late.JoinAsync(cluster[node]);
            Assert.False(late.Recovered);
            Assert.Empty(late.Events);

            // Against the two seconds for which a socket is looked for that is under way.
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
        }
    }

    [Fact]
    public async Task Of_two_connections_that_bring_one_id_only_one_has_the_socket()
    {
        await using var cluster = await RecoveryCluster.StartAsync(3);
        for (var round = 0; round < 20; round++)
        {
            var client = await RecoveringClient.StartAsync(cluster[0]);
            await LoseAsync(client, cluster[0]);
            var (one, two) = (Copy(client), Copy(client));
            await Task.WhenAll(one.JoinAsync(cluster[1]), two.JoinAsync(cluster[round % 2 == 0 ? 1 : 2]));
            await cluster[0].Io.To(client.Id).EmitAsync("who");
            await Eventually.TrueAsync(() => one.Events.Length + two.Events.Length > 0, "one of them has got the event");
            Assert.Equal(1, cluster.SocketsWith(client.Id));
            Assert.Equal(1, one.Events.Length + two.Events.Length);
        }
    }

    [Fact]
    public async Task A_client_that_moves_faster_than_its_socket_finds_it()
    {
        await using var cluster = await RecoveryCluster.StartAsync(4);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        var id = client.Id;
        for (var round = 0; round < 50; round++)
        {
            client.Abandon();
            await cluster[round % 4].Io.EmitAsync($"{round}");

            // Two nodes are asked in vain: the client has gone on before they could answer.
            await Copy(client).ConnectAsync(cluster[(round + 1) % 4]);
            await Copy(client).ConnectAsync(cluster[(round + 2) % 4]);
            await client.JoinAsync(cluster[(round + 3) % 4]);
            Assert.True(client.Recovered, $"round {round}");
            await client.HasAsync(round + 1, cluster[(round + 3) % 4]);
        }

        Assert.Equal(id, client.Id);
        Assert.Equal(Enumerable.Range(0, 50).Select(static number => $"{number}"), client.Events);
    }

    private static RecoveringClient Copy(RecoveringClient client) => new() { RecoveryId = client.RecoveryId, Offset = client.Offset };

    private static async Task LoseAsync(RecoveringClient client, RunningServer server)
    {
        if (client.RecoveryId is not null && server.Io.Sockets.Count > 0)
        {
            await client.BreakAsync();
        }

        await GoneAsync(server);
    }

    private static Task GoneAsync(RunningServer server) =>
        Eventually.TrueAsync(() => server.Io.Sockets.Count == 0, "the server has noticed that the client is gone");

    private sealed class SettableClock : TimeProvider
    {
        private long _forward;

        public void SetForward(TimeSpan by) => Volatile.Write(ref _forward, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _forward));
    }
}
