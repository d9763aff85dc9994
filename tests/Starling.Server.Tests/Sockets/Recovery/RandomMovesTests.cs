using System.Globalization;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets.Recovery;

/// <summary>Whatever clients and nodes do, in whatever order: every client gets every event of every publisher once and in order.</summary>
public sealed class RandomMovesTests
{
    private const int Clients = 5;
    private const int Steps = 150;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Random_moves_breaks_and_replaced_nodes_lose_and_double_nothing(int seed)
    {
        var random = new Random(seed);
        await using var cluster = await RecoveryCluster.StartAsync(3);
        List<RunningServer> nodes = [cluster[0], cluster[1], cluster[2]];
        var clients = new List<RecoveringClient>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await RecoveringClient.StartAsync(nodes[i % nodes.Count]));
        }

        var ids = clients.ConvertAll(static client => client.Id);
        var published = new Dictionary<int, int>();
        for (var step = 0; step < Steps; step++)
        {
            var client = clients[random.Next(Clients)];
            switch (random.Next(20))
            {
                case 0:
                    // A node is replaced; its clients go where they like.
                    var old = random.Next(nodes.Count);
                    var stopping = cluster.StopAsync(cluster.IndexOf(nodes[old]));
                    nodes[old] = await cluster.AddAsync();
                    await stopping;
                    await RejoinAsync(clients, nodes, random);
                    break;
                case < 4:
                    await client.BreakAsync();
                    await EmitAsync(random, nodes, published, random.Next(4));
                    await client.JoinAsync(nodes[random.Next(nodes.Count)]);
                    Assert.True(client.Recovered, $"step {step}");
                    break;
                case < 7:
                    client.Abandon();
                    await client.JoinAsync(nodes[random.Next(nodes.Count)]);
                    Assert.True(client.Recovered, $"step {step}");
                    break;
                default:
                    await EmitAsync(random, nodes, published, random.Next(5));
                    break;
            }
        }

        await RejoinAsync(clients, nodes, random);
        var total = published.Values.Sum();
        foreach (var client in clients)
        {
            await client.HasAsync(total, nodes[0]);
        }

        Assert.Equal(ids, clients.ConvertAll(static client => client.Id));
        foreach (var client in clients)
        {
            var events = client.Events.Select(static text => text.Split(' ')).ToLookup(
                static parts => int.Parse(parts[1], CultureInfo.InvariantCulture), static parts => int.Parse(parts[2], CultureInfo.InvariantCulture));
            foreach (var (publisher, count) in published)
            {
                Assert.Equal(Enumerable.Range(0, count), events[publisher]);
            }
        }
    }

    private static async Task EmitAsync(Random random, List<RunningServer> nodes, Dictionary<int, int> published, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var node = nodes[random.Next(nodes.Count)];
            var publisher = node.Url.Port;
            var number = published.GetValueOrDefault(publisher);
            published[publisher] = number + 1;
            await node.Io.EmitAsync("tick", publisher, number);
        }
    }

    private static async Task RejoinAsync(List<RecoveringClient> clients, List<RunningServer> nodes, Random random)
    {
        foreach (var client in clients)
        {
            if (client.Closed.IsCompleted)
            {
                await client.JoinAsync(nodes[random.Next(nodes.Count)]);
                Assert.True(client.Recovered);
            }
        }
    }
}
