using System.Threading.Channels;
using Starling.Server.Backplane;

namespace Starling.Specifications;

/// <summary>What every backplane has to do, whatever carries its messages.</summary>
public abstract class BackplaneSpecification
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes backplanes of that many nodes that are connected to each other.</summary>
    protected abstract ValueTask<IReadOnlyList<IBackplane>> CreateAsync(int nodes);

    [Fact]
    public async Task A_message_reaches_all_other_nodes_and_not_its_sender()
    {
        var nodes = await CreateAsync(3);
        var inboxes = await SubscribeAsync(nodes, "topic");
        await nodes[0].PublishAsync(Message("topic", 1), Token);
        await nodes[1].PublishAsync(Message("topic", 2), Token);
        Assert.Equal([2], await ReadAsync(inboxes[0], 1));
        Assert.Equal([1], await ReadAsync(inboxes[1], 1));
        Assert.Equal([1, 2], (await ReadAsync(inboxes[2], 2)).Order());
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task Messages_of_one_sender_arrive_in_their_order_and_name_their_sender()
    {
        var nodes = await CreateAsync(2);
        var inbox = (await SubscribeAsync(nodes, "topic"))[1];
        for (var i = 0; i < 1000; i++)
        {
            await nodes[0].PublishAsync(Message("topic", i), Token);
        }

        for (var i = 0; i < 1000; i++)
        {
            var message = await inbox.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
            Assert.Equal((i, nodes[0].NodeId), (Number(message), message.Sender));
        }

        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task Topics_are_apart()
    {
        var nodes = await CreateAsync(2);
        var inbox = (await SubscribeAsync(nodes, "mine"))[1];
        await nodes[0].PublishAsync(Message("other", 1), Token);
        await nodes[0].PublishAsync(Message("mine", 2), Token);
        Assert.Equal([2], await ReadAsync(inbox, 1));
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task A_message_to_one_recipient_reaches_no_other()
    {
        var nodes = await CreateAsync(3);
        var inboxes = await SubscribeAsync(nodes, "topic");
        await nodes[0].PublishAsync(Message("topic", 1) with { Recipient = nodes[2].NodeId }, Token);
        await nodes[0].PublishAsync(Message("topic", 2), Token);
        Assert.Equal([2], await ReadAsync(inboxes[1], 1));
        Assert.Equal([1, 2], await ReadAsync(inboxes[2], 2));
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task The_others_are_counted_and_who_left_is_not()
    {
        var nodes = await CreateAsync(3);
        await SubscribeAsync(nodes, "topic");
        Assert.Equal(2, await nodes[0].CountOthersAsync("topic", Token));
        Assert.Equal(0, await nodes[0].CountOthersAsync("another", Token));
        Assert.False(nodes[0].IsAlone);
        await nodes[2].DisposeAsync();
        Assert.Equal(1, await nodes[0].CountOthersAsync("topic", Token));
        await DisposeAsync([nodes[0], nodes[1]]);
    }

    [Fact]
    public async Task A_subscription_that_ended_gets_nothing_more()
    {
        var nodes = await CreateAsync(2);
        var inbox = Channel.CreateUnbounded<BackplaneMessage>();
        var subscription = await nodes[1].SubscribeAsync("topic", message => inbox.Writer.WriteAsync(message), Token);
        await nodes[0].PublishAsync(Message("topic", 1), Token);
        Assert.Equal([1], await ReadAsync(inbox.Reader, 1));
        await subscription.DisposeAsync();
        await nodes[0].PublishAsync(Message("topic", 2), Token);
        var again = await SubscribeAsync([nodes[1]], "topic");
        await nodes[0].PublishAsync(Message("topic", 3), Token);
        Assert.Equal([3], await ReadAsync(again[0], 1));
        Assert.False(inbox.Reader.TryRead(out _));
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task Handlers_of_one_topic_run_one_at_a_time_and_do_not_hold_up_another_topic()
    {
        var nodes = await CreateAsync(2);
        var (running, most, done) = (0, 0, 0);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await nodes[1].SubscribeAsync("slow", HandleAsync, Token);
        var other = (await SubscribeAsync([nodes[1]], "other"))[0];
        for (var i = 0; i < 10; i++)
        {
            await nodes[0].PublishAsync(Message("slow", i), Token);
        }

        await nodes[0].PublishAsync(Message("other", 7), Token);
        Assert.Equal([7], await ReadAsync(other, 1));
        Assert.Equal(0, Volatile.Read(ref done));
        go.SetResult();
        using var limit = new CancellationTokenSource(Patience);
        while (Volatile.Read(ref done) < 10)
        {
            await Task.Delay(5, limit.Token);
        }

        Assert.Equal(1, most);
        await DisposeAsync(nodes);

        async ValueTask HandleAsync(BackplaneMessage message)
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await go.Task;
            await Task.Yield();
            Interlocked.Decrement(ref running);
            Interlocked.Increment(ref done);
        }
    }

    [Fact]
    public async Task A_message_to_a_node_that_did_not_subscribe_or_is_gone_reaches_nobody()
    {
        var nodes = await CreateAsync(3);
        var inbox = (await SubscribeAsync([nodes[1]], "topic"))[0];
        await nodes[0].PublishAsync(Message("topic", 1) with { Recipient = nodes[2].NodeId }, Token);
        await nodes[0].PublishAsync(Message("topic", 2) with { Recipient = "nobody" }, Token);
        await nodes[0].PublishAsync(Message("topic", 3) with { Recipient = nodes[1].NodeId }, Token);
        var message = await inbox.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
        Assert.Equal((3, nodes[1].NodeId), (Number(message), message.Recipient));
        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task A_subscription_that_is_in_effect_misses_nothing_whoever_publishes()
    {
        var nodes = await CreateAsync(3);
        for (var round = 0; round < 50; round++)
        {
            var topic = "topic" + round;
            var inbox = (await SubscribeAsync([nodes[0]], topic))[0];
            await nodes[1].PublishAsync(Message(topic, 1), Token);
            await nodes[2].PublishAsync(Message(topic, 2), Token);
            Assert.Equal([1, 2], (await ReadAsync(inbox, 2)).Order());
        }

        await DisposeAsync(nodes);
    }

    [Fact]
    public async Task What_was_published_before_leaving_arrives()
    {
        var nodes = await CreateAsync(2);
        var inbox = (await SubscribeAsync([nodes[1]], "topic"))[0];
        for (var i = 0; i < 5000; i++)
        {
            await nodes[0].PublishAsync(Message("topic", i), Token);
        }

        await nodes[0].DisposeAsync();
        Assert.Equal(Enumerable.Range(0, 5000), await ReadAsync(inbox, 5000));
        await nodes[1].DisposeAsync();
    }

    private static DataMessage Message(string topic, int number) => new(topic, BitConverter.GetBytes(number));

    private static int Number(BackplaneMessage message) => BitConverter.ToInt32(((DataMessage)message).Data.Span);

    private static async Task<List<ChannelReader<BackplaneMessage>>> SubscribeAsync(IReadOnlyList<IBackplane> nodes, string topic)
    {
        var inboxes = new List<ChannelReader<BackplaneMessage>>();
        foreach (var node in nodes)
        {
            var inbox = Channel.CreateUnbounded<BackplaneMessage>();
            await node.SubscribeAsync(topic, message => inbox.Writer.WriteAsync(message), Token);
            inboxes.Add(inbox.Reader);
        }

        return inboxes;
    }

    private static async Task<List<int>> ReadAsync(ChannelReader<BackplaneMessage> inbox, int count)
    {
        var numbers = new List<int>();
        while (numbers.Count < count)
        {
            numbers.Add(Number(await inbox.ReadAsync(Token).AsTask().WaitAsync(Patience, Token)));
        }

        return numbers;
    }

    private static async Task DisposeAsync(IReadOnlyList<IBackplane> nodes)
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }
}
