using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets.Recovery;

/// <summary>What clients have sent before they learn that their server stops is not lost.</summary>
public sealed class LeavingTests
{
    [Fact]
    public async Task Acknowledgements_of_events_under_way_go_out_before_the_connection_is_closed()
    {
        await using var server = await RunningServer.StartAsync();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Io.OnRequest("slow", async _ =>
        {
            begun.SetResult();
            await go.Task;
            return "done";
        });
        var client = await server.ConnectAsync();
        await client.SendAsync("420[\"slow\"]");
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        var stopping = server.StopAsync();
        go.SetResult();
        Assert.Equal("430[\"done\"]", await client.ReceiveAsync());
        Assert.StartsWith("closed", await client.ReceiveAsync(), StringComparison.Ordinal);
        client.WebSocket.Abort();
        await stopping;
    }

    [Fact]
    public async Task Events_that_were_sent_before_the_client_saw_the_close_are_handled_and_what_follows_is_recovered()
    {
        await using var cluster = await RecoveryCluster.StartAsync(2);
        var heard = new List<int>();
        cluster[0].Io.On<int>("number", async (_, number) =>
        {
            await Task.Yield();
            heard.Add(number);
        });
        var client = new RecoveringClient { AnswersClose = false };
        await client.JoinAsync(cluster[0]);
        var stopping = cluster.StopAsync(0);
        await client.SawClose;

        // As if they had been under way when the close came the other way.
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync($"42[\"number\",{i}]");
        }

        await cluster[1].Io.EmitAsync("missed");
        await client.CloseAsync();
        await client.JoinAsync(cluster[1]);
        await stopping;
        await client.HasAsync(1);
        Assert.True(client.Recovered);
        Assert.Equal(Enumerable.Range(0, 100), heard);
        Assert.Equal(["missed"], client.Events);
    }
}
