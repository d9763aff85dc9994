using System.Threading.Channels;
using Starling.Server.Backplane;

namespace Starling.Specifications;

/// <summary>What every backplane has to do, whatever carries its messages.</summary>
public abstract class BackplaneSpecification
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

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
