namespace Starling.Cluster.Tests.Processes;

public sealed class ProcessTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_broadcast_reaches_the_clients_of_all_processes_and_all_sockets_are_counted()
    {
        await using var first = await ClusterProcess.StartAsync(_folder);
        await using var second = await ClusterProcess.StartAsync(_folder);
        await using var third = await ClusterProcess.StartAsync(_folder);

        // A process that listens is a member: nothing is waited for here.
        Assert.Equal("2", await third.GetAsync("/peers"));
        using var a = await SocketIOClient.ConnectAsync(first);
        using var b = await SocketIOClient.ConnectAsync(second);
        using var c = await SocketIOClient.ConnectAsync(third);
        Assert.Equal("3", await second.GetAsync("/sockets"));
        foreach (var process in (ClusterProcess[])[first, second, third])
        {
            await process.PostAsync("/emit/from-" + process.Node);
            foreach (var client in (SocketIOClient[])[a, b, c])
            {
                Assert.Equal($"42[\"news\",\"from-{process.Node}\"]", await client.ReadAsync());
            }
        }

        Assert.DoesNotContain("STARLING_CLUSTER", await first.GetAsync("/environment"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_a_process_is_killed_the_others_lose_nothing_and_what_it_left_is_removed()
    {
        const int Count = 40_000;
        await using var first = await ClusterProcess.StartAsync(_folder);
        await using var second = await ClusterProcess.StartAsync(_folder);
        await using var killed = await ClusterProcess.StartAsync(_folder);
        var publishing = Task.WhenAll(first.PublishAsync(0, Count, 200), second.PublishAsync(0, Count, 200), killed.PublishAsync(0, int.MaxValue, 200));
        await Task.WhenAll(killed.UntilNumbersAsync(first, 1000), first.UntilNumbersAsync(killed, 1000));
        await killed.SignalAsync("KILL");
        await first.UntilPeersAsync(1);
        await second.UntilPeersAsync(1);
        await first.UntilNumbersAsync(second, Count - 1);
        await second.UntilNumbersAsync(first, Count - 1);
        Assert.Equal((Count, 0), await CountAsync(first, second));
        Assert.Equal((Count, 0), await CountAsync(second, first));
        Assert.Equal(0, (await first.NumbersOfAsync(killed)).Disorder);
        await Assert.ThrowsAnyAsync<Exception>(() => publishing);

        // The file of the dead one goes when the next one comes.
        Assert.Equal(3, _folder.Sockets.Length);
        await using var next = await ClusterProcess.StartAsync(_folder);
        Assert.Equal("2", await next.GetAsync("/peers"));
        Assert.Equal(3, _folder.Sockets.Length);
        Assert.DoesNotContain(_folder.Sockets, socket => socket.Contains(killed.Node, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_process_that_is_stopped_holds_nobody_up_is_cut_off_and_comes_back(int place)
    {
        const int Messages = 2000;
        string[] limits = ["--cluster:MaxQueuedBytes", "8000000", "--cluster:MaxMessageBytes", "1000000"];

        // Links are made by the younger one of two, so the stopped one is tried as the older and as the younger one.
        var processes = new List<ClusterProcess>();
        for (var i = 0; i < 3; i++)
        {
            processes.Add(await ClusterProcess.StartAsync(_folder, limits));
        }

        var (publisher, other, stopped) = place == 1 ? (processes[1], processes[2], processes[0]) : (processes[0], processes[1], processes[2]);
        await stopped.SignalAsync("STOP");
        var sent = 0;
        while (await publisher.GetAsync("/peers") != "1")
        {
            Assert.True(sent < 20 * Messages, "The link is not cut.");
            await publisher.PublishAsync(sent, Messages, 1000);
            sent += Messages;
            await other.UntilNumbersAsync(publisher, sent - 1);
        }

        Assert.Equal((sent, 0), await CountAsync(other, publisher));
        Assert.Contains("does not read", publisher.Log, StringComparison.Ordinal);

        // Nobody waits for it any more.
        await publisher.PublishAsync(sent, Messages, 1000);
        sent += Messages;
        await other.UntilNumbersAsync(publisher, sent - 1);
        await stopped.SignalAsync("CONT");
        await publisher.UntilPeersAsync(2);
        await publisher.PublishAsync(sent, Messages, 1000);
        sent += Messages;
        await stopped.UntilNumbersAsync(publisher, sent - 1);
        var seen = await stopped.NumbersOfAsync(publisher);
        Assert.Equal(1, seen.Disorder);
        Assert.Equal((sent, 0), await CountAsync(other, publisher));
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_process_that_ends_orderly_leaves_no_socket_behind()
    {
        await using var first = await ClusterProcess.StartAsync(_folder);
        await using var second = await ClusterProcess.StartAsync(_folder);
        await second.SignalAsync("TERM");
        await first.UntilPeersAsync(0);
        await TestNode.UntilAsync(() => _folder.Sockets.Length == 1, "one socket is left");
    }

    private static async Task<(int Count, int Disorder)> CountAsync(ClusterProcess at, ClusterProcess of)
    {
        var numbers = await at.NumbersOfAsync(of);
        return (numbers.Count, numbers.Disorder);
    }
}
