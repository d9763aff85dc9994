using Starling.Cluster.Wire;
using Starling.Protocol.Buffers;
using Starling.Server.Backplane;

namespace Starling.Cluster.Tests.Links;

public sealed class SlowPeerTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly LogList _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_peer_that_does_not_read_is_cut_and_the_others_get_everything()
    {
        await using var node = await TestNode.JoinAsync(_folder, Small, _log);
        await using var other = await TestNode.JoinAsync(_folder, Small);
        var inbox = await other.InboxAsync("topic");
        using var stopped = await RawPeer.ConnectAsync(_folder, node);
        using (var buffer = new PooledBuffer())
        {
            await stopped.SendAsync(buffer.Topic(FrameKind.Subscribe, "topic").ToArray());
        }

        await TestNode.UntilAsync(() => node.Count("topic") == 2, "both are subscribed");
        for (var i = 0; i < 3000; i++)
        {
            var data = new byte[1024];
            BitConverter.TryWriteBytes(data, i);
            await node.PublishAsync(new DataMessage("topic", data), Token);
            Assert.Equal(i, await inbox.NumberAsync());
        }

        await TestNode.UntilAsync(() => node.Count("topic") == 1, "the stopped one is forgotten");
        Assert.Single(_log.Lines, line => line.Id == 404 && line.Text.Contains(stopped.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_subscriber_does_not_wait_forever_for_a_peer_that_does_not_answer()
    {
        await using var node = await TestNode.JoinAsync(_folder, options => options.PeerTimeout = TimeSpan.FromMilliseconds(300), _log);
        using var stopped = await RawPeer.ConnectAsync(_folder, node);
        await TestNode.UntilAsync(() => _log.Lines.Any(line => line.Id == 402), "it is linked");
        await node.InboxAsync("topic").WaitAsync(TestNode.Patience, Token);
        Assert.Contains(_log.Lines, line => line.Id == 405 && line.Text.Contains(stopped.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_an_error_of_its_publisher_that_says_how_large_it_may_be()
    {
        await using var node = await TestNode.JoinAsync(_folder, Small);
        await using var other = await TestNode.JoinAsync(_folder, Small);
        var inbox = await other.InboxAsync("topic");
        var exception = await Assert.ThrowsAsync<IOException>(async () => await node.PublishAsync(new DataMessage("topic", new byte[300_000]), Token));
        Assert.Contains("262144", exception.Message, StringComparison.Ordinal);
        await node.PublishAsync("topic", 1);
        Assert.Equal(1, await inbox.NumberAsync());
    }

    [Fact]
    public async Task Handlers_that_are_too_slow_lose_messages_of_their_topic_and_of_no_other()
    {
        await using var node = await TestNode.JoinAsync(_folder, Small);
        await using var other = await TestNode.JoinAsync(_folder, Small, _log);
        var go = new TaskCompletionSource();
        var handled = 0;
        await other.SubscribeAsync(
            "slow",
            async _ =>
            {
                await go.Task;
                Interlocked.Increment(ref handled);
            },
            Token);
        var inbox = await other.InboxAsync("topic");
        for (var i = 0; i < 1000; i++)
        {
            await node.PublishAsync(new DataMessage("slow", new byte[1024]), Token);
            await node.PublishAsync("topic", i);
            Assert.Equal(i, await inbox.NumberAsync());
        }

        Assert.Single(_log.Lines, line => line.Id == 414);
        go.SetResult();
        await node.PublishAsync("topic", 1);
        await TestNode.UntilAsync(() => Volatile.Read(ref handled) > 100, "what was kept is handled");
        Assert.InRange(handled, 100, 300);
    }

    private static void Small(LocalClusterOptions options) => (options.MaxMessageBytes, options.MaxQueuedBytes) = (256 * 1024, 256 * 1024);
}
