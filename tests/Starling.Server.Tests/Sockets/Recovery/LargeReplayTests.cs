using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets.Recovery;

/// <summary>A client that reads gets what it missed, however much more that is than may wait for a client at a time.</summary>
public sealed class LargeReplayTests
{
    private const int EventCount = 60;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_client_missed_may_be_more_than_the_send_queue_holds(bool lean)
    {
        await using var server = await RunningServer.StartAsync(
            static options =>
            {
                options.ConnectionStateRecovery = new();
                options.MaxSendQueueBytes = 100_000;
            },
            lean: lean);
        var client = await RecoveringClient.StartAsync(server);
        await server.Io.EmitAsync("note", "first");
        await client.HasAsync(1);
        await client.BreakAsync();
        var padding = new string('x', 200_000);
        for (var i = 0; i < EventCount; i++)
        {
            await server.Io.EmitAsync("note", $"{i} {padding}");
        }

        await client.JoinAsync(server);

        Assert.True(client.Recovered);
        await client.HasAsync(1 + EventCount);
        Assert.Equal(Enumerable.Range(0, EventCount).Select(i => $"note {i} {padding}"), client.Events[1..]);
        await server.Io.EmitAsync("note", "last");
        await client.HasAsync(2 + EventCount);
    }

    [Fact]
    public async Task A_client_that_loses_its_connection_during_the_replay_gets_all_of_it_the_next_time()
    {
        await using var server = await RunningServer.StartAsync(static options =>
        {
            options.ConnectionStateRecovery = new();
            options.MaxSendQueueBytes = 100_000;
        });
        var client = await RecoveringClient.StartAsync(server);
        await server.Io.EmitAsync("note", "first");
        await client.HasAsync(1);
        await client.BreakAsync();
        var padding = new string('x', 200_000);
        for (var i = 0; i < EventCount; i++)
        {
            await server.Io.EmitAsync("note", $"{i} {padding}");
        }

        await client.ConnectAsync(server);
        await client.BreakAsync();
        await client.JoinAsync(server);

        Assert.True(client.Recovered);
        await client.HasAsync(1 + EventCount);
        Assert.Equal(Enumerable.Range(0, EventCount).Select(i => $"note {i} {padding}"), client.Events[1..]);
    }
}
