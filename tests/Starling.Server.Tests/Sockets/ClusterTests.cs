using Starling.Server.Backplane;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

/// <summary>Two servers on one backplane act as one.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task Broadcasts_rooms_and_disconnects_reach_the_sockets_of_both_nodes()
    {
        await using var cluster = await Cluster.StartAsync();
        var (first, second) = (await cluster.One.ConnectAsync(), await cluster.Two.ConnectAsync());
        await cluster.One.Io.SocketsJoinAsync("red");
        await Eventually.TrueAsync(() => cluster.Two.Io.Sockets[0].Rooms.Contains("red"), "the other node's socket has joined");

        await cluster.Two.Io.To("red").EmitAsync("news", 1, new byte[] { 7 });
        foreach (var client in new[] { first, second })
        {
            Assert.Equal("451-[\"news\",1,{\"_placeholder\":true,\"num\":0}]", await client.ReceiveAsync());
            Assert.Equal("binary 07", await client.ReceiveAsync());
        }

        await cluster.One.Io.Local.EmitAsync("only here");
        await cluster.One.Io.Except(cluster.One.Io.Sockets[0].Id).EmitAsync("only there");
        Assert.Equal("42[\"only here\"]", await first.ReceiveAsync());
        Assert.Equal("42[\"only there\"]", await second.ReceiveAsync());

        await cluster.One.Io.In("red").DisconnectSocketsAsync();
        Assert.Equal("41", await first.ReceiveAsync());
        Assert.Equal("41", await second.ReceiveAsync());
    }

    [Fact]
    public async Task Sockets_are_described_and_acknowledgements_collected_across_nodes()
    {
        await using var cluster = await Cluster.StartAsync();
        var (first, second) = (await cluster.One.ConnectAsync(), await cluster.Two.ConnectAsync());
        cluster.Two.Io.Sockets[0].Data["name"] = "second";
        var sockets = await cluster.One.Io.FetchSocketsAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, sockets.Count);
        Assert.Contains(sockets, socket => socket.Data.ToString() == "{\"name\":\"second\"}");

        var asking = cluster.One.Io.Timeout(TimeSpan.FromSeconds(5)).EmitWithAckAsync<string>("who", TestContext.Current.CancellationToken);
        await AnswerAsync(first, "first");
        await AnswerAsync(second, "second");
        Assert.Equal(["first", "second"], (await asking).Order());

        var unanswered = cluster.One.Io.Timeout(TimeSpan.FromMilliseconds(300)).EmitWithAckAsync<string>("who", TestContext.Current.CancellationToken);
        await AnswerAsync(second, "second");
        var timeout = await Assert.ThrowsAsync<AcknowledgementTimeoutException<string>>(() => unanswered);
        Assert.Equal("second", Assert.Single(timeout.Answers));
        Assert.Equal(1, timeout.Missing);
    }

    [Fact]
    public async Task Servers_talk_to_each_other()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.Two.Io.Main.OnServerSideRequest<int, int>("double", number => Task.FromResult(number * 2));
        var answers = await cluster.One.Io.Main.ServerSideEmitWithAckAsync<int, int>("double", 21, TestContext.Current.CancellationToken);
        Assert.Equal([42], answers);

        var heard = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.One.Io.Main.OnServerSide<string>("hello", text =>
        {
            heard.SetResult(text);
            return Task.CompletedTask;
        });
        await cluster.Two.Io.Main.ServerSideEmitAsync("hello", "there");
        Assert.Equal("there", await heard.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
    }

    // Reads the question, whose id the node has chosen, and answers it.
    private static async Task AnswerAsync(RawClient client, string answer)
    {
        var question = await client.ReceiveAsync();
        Assert.EndsWith("[\"who\"]", question, StringComparison.Ordinal);
        await client.SendAsync($"43{question[2..^"[\"who\"]".Length]}[\"{answer}\"]");
    }

    private sealed record Cluster(RunningServer One, RunningServer Two) : IAsyncDisposable
    {
        public static async Task<Cluster> StartAsync()
        {
            var hub = new InMemoryBackplaneHub();
            return new Cluster(
                await RunningServer.StartAsync(backplane: new InMemoryBackplane(hub)),
                await RunningServer.StartAsync(backplane: new InMemoryBackplane(hub)));
        }

        public async ValueTask DisposeAsync()
        {
            await One.DisposeAsync();
            await Two.DisposeAsync();
        }
    }
}
