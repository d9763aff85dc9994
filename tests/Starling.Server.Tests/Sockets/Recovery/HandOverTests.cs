using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets.Recovery;

/// <summary>Clients of a node that has stopped find their sockets at its heir.</summary>
public sealed class HandOverTests
{
    [Fact]
    public async Task A_client_of_a_node_that_has_stopped_is_recovered_from_its_heir()
    {
        await using var cluster = await RecoveryCluster.StartAsync(3);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        var (id, socket) = (client.Id, cluster[0].Io.Sockets[0]);
        socket.Join("red");
        await cluster[0].Io.EmitAsync("0");
        await client.HasAsync(1);
        await client.BreakAsync();
        await Eventually.TrueAsync(() => cluster[0].Io.Sockets.Count == 0, "the server has noticed that the client is gone");
        await cluster[0].Io.To("red").EmitAsync("1");
        await cluster[1].Io.To("red").EmitAsync("2");
        await cluster[0].Io.To("blue").EmitAsync("for others");
        await cluster.StopAsync(0);

        await cluster[2].Io.To("red").EmitAsync("3");
        await client.JoinAsync(cluster[2]);
        await client.HasAsync(4);
        Assert.True(client.Recovered);
        Assert.Equal(id, client.Id);
        Assert.Equal(["0", "1", "2", "3"], client.Events);
        await cluster[1].Io.To("red").EmitAsync("4");
        await client.HasAsync(5);
    }

    [Fact]
    public async Task Connected_clients_of_a_node_that_stops_are_recovered_at_another_one()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2);
        var clients = new List<RecoveringClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await RecoveringClient.StartAsync(cluster[0]));
        }

        await cluster[0].Io.EmitAsync("before");
        await Task.WhenAll(clients.Select(static client => client.HasAsync(1)));
        var stopping = cluster.StopAsync(0);
        await Task.WhenAll(clients.Select(async client =>
        {
            await client.Closed;
            await client.JoinAsync(cluster[1]);
        }));
        await stopping;
        await cluster[1].Io.EmitAsync("after");
        await Task.WhenAll(clients.Select(static client => client.HasAsync(2)));
        Assert.All(clients, static client => Assert.True(client.Recovered));
        Assert.All(clients, static client => Assert.Equal(["before", "after"], client.Events));
    }

    [Fact]
    public async Task What_a_node_has_inherited_it_hands_on()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        var other = await RecoveringClient.StartAsync(cluster[1]);
        for (var node = 0; node < 5; node++)
        {
            await cluster[node].Io.EmitAsync($"{node}");
            if (node == 0)
            {
                await Task.WhenAll(client.HasAsync(1), other.HasAsync(1));
                await client.BreakAsync();
            }

            await cluster.AddAsync();
            await cluster.StopAsync(node);
        }

        foreach (var lost in new[] { client, other })
        {
            await lost.JoinAsync(cluster[6]);
            await lost.HasAsync(5);
            Assert.True(lost.Recovered);
            Assert.Equal(["0", "1", "2", "3", "4"], lost.Events);
        }
    }

    [Fact]
    public async Task A_node_that_nobody_takes_over_from_stops_at_once()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2);
        var clients = new[] { await RecoveringClient.StartAsync(cluster[0]), await RecoveringClient.StartAsync(cluster[1]) };
        await Task.WhenAll(cluster.StopAsync(0), cluster.StopAsync(1)).WaitAsync(
            TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await Task.WhenAll(clients.Select(static client => client.Closed));
    }

    [Fact]
    public async Task A_hand_over_of_many_megabytes_arrives_whole()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2);
        var client = await RecoveringClient.StartAsync(cluster[0]);
        await client.BreakAsync();
        await Eventually.TrueAsync(() => cluster[0].Io.Sockets.Count == 0, "the server has noticed that the client is gone");
        var text = new string('x', 100_000);
        for (var i = 0; i < 60; i++)
        {
            await cluster[0].Io.EmitAsync($"{i}", text);
        }

        await cluster.StopAsync(0);
        await client.JoinAsync(cluster[1]);
        await client.HasAsync(60);
        Assert.Equal(Enumerable.Range(0, 60).Select(number => $"{number} {text}"), client.Events);
    }
}
