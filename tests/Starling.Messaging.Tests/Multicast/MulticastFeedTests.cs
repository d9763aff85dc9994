using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Starling.Messaging.Multicast;
using Starling.Protocol.MoldUdp64;
using Starling.Server.Tests;

namespace Starling.Messaging.Tests.Multicast;

public sealed class MulticastFeedTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_subscriber_gets_every_message_in_order()
    {
        var options = Options();
        await using var publisher = Publish(options);
        using var first = MulticastSubscriber.Join(options);
        using var second = MulticastSubscriber.Join(options);
        var readers = new[] { ReadAsync(first, 2_000), ReadAsync(second, 2_000) };
        await PublishAsync(publisher, 2_000);
        foreach (var messages in await Task.WhenAll(readers))
        {
            Assert.Equal(Enumerable.Range(1, 2_000).Select(i => (long)i), messages.Select(message => message.Sequence));
            Assert.All(messages, message => Assert.Equal((publisher.Session, message.Sequence, 0L), (message.Session, Number(message), message.Missed)));
        }
    }

    [Fact]
    public async Task What_the_network_loses_is_recovered()
    {
        var options = Options();
        var random = new Random(3);
        await using var publisher = Publish(options, _ => random.Next(3) == 0);
        using var subscriber = MulticastSubscriber.Join(options);
        options.FromStart = true;
        using var late = MulticastSubscriber.Join(options);
        var reading = ReadAsync(late, 1_000);
        await PublishAsync(publisher, 1_000);
        var messages = await reading;
        Assert.Equal(Enumerable.Range(1, 1_000).Select(i => (long)i), messages.Select(Number));
        Assert.All(messages, message => Assert.Equal(0, message.Missed));
    }

    [Fact]
    public async Task A_loss_at_the_end_is_found_by_the_heartbeat()
    {
        var options = Options();
        await using var publisher = Publish(options, datagram => MoldUdp64Header.TryRead(datagram.Span, out var header) && header is { Count: 1, Sequence: > 1 });
        using var subscriber = MulticastSubscriber.Join(options);
        var reading = ReadAsync(subscriber, 5);
        await PublishAsync(publisher, 5);
        Assert.Equal([1L, 2, 3, 4, 5], (await reading).Select(Number));
    }

    [Fact]
    public async Task Who_comes_late_gets_what_the_publisher_has_kept_and_is_told_what_it_has_not()
    {
        var options = Options();
        options.HistoryMessages = 10;
        options.FromStart = true;
        await using var publisher = Publish(options);
        await PublishAsync(publisher, 100);
        using var subscriber = MulticastSubscriber.Join(options);
        var messages = await ReadAsync(subscriber, 10);
        Assert.Equal(Enumerable.Range(91, 10).Select(i => (long)i), messages.Select(Number));
        Assert.Equal([90L, .. Enumerable.Repeat(0L, 9)], messages.Select(message => message.Missed));
    }

    [Fact]
    public async Task What_nobody_can_answer_for_counts_as_lost()
    {
        var options = Options();
        using (var unused = new TcpListener(IPAddress.Loopback, 0))
        {
            unused.Start();
            options.Recovery = (IPEndPoint)unused.LocalEndpoint;
        }

        using var subscriber = MulticastSubscriber.Join(options);
        var reading = ReadAsync(subscriber, 3);
        using var socket = FeedSockets.CreateSender(options);
        foreach (var sequence in new[] { 1L, 2, 7 })
        {
            await socket.SendToAsync(Datagram("SESSION001", sequence), new IPEndPoint(options.Group, options.Port), Stop);
        }

        Assert.Equal([(1L, 0L), (2, 0), (7, 4)], (await reading).Select(message => (message.Sequence, message.Missed)));
    }

    [Fact]
    public async Task Duplicates_strangers_and_garbage_are_passed_over_and_a_new_session_begins_anew()
    {
        var options = Options();
        options.SilenceLimit = TimeSpan.Zero;
        using var subscriber = MulticastSubscriber.Join(options);
        var reading = ReadAsync(subscriber, 4);
        using var socket = FeedSockets.CreateSender(options);
        byte[][] datagrams =
        [
            [1, 2, 3], Datagram("OLD       ", 1), Datagram("OLD       ", 1), new byte[40], Datagram("OLD       ", 2), Datagram("OLD       ", 1)[..21],
            Datagram("NEW       ", 1), Datagram("NEW       ", 2),
        ];
        foreach (var datagram in datagrams)
        {
            await socket.SendToAsync(datagram, new IPEndPoint(options.Group, options.Port), Stop);
        }

        Assert.Equal(
            [("OLD       ", 1L), ("OLD       ", 2), ("NEW       ", 1), ("NEW       ", 2)],
            (await reading).Select(message => (message.Session, message.Sequence)));
    }

    [Fact]
    public async Task Sessions_that_share_a_port_do_not_get_into_each_other_and_the_next_is_followed_when_one_ends()
    {
        var options = Options();
        using var first = MulticastSubscriber.Join(options);
        options.Session = "TWO";
        using var second = MulticastSubscriber.Join(options);
        var readings = new[] { ReadAsync(first, int.MaxValue), ReadAsync(second, 4) };
        using var socket = FeedSockets.CreateSender(options);
        byte[][] datagrams =
        [
            Datagram("ONE", 1), Datagram("TWO", 1), Datagram("ONE", 2), Datagram("TWO", 2), Datagram("TWO", 3), Datagram("ONE", 3),
            Datagram("ONE", 4, MoldUdp64Header.EndOfSession), Datagram("ONE", 4, MoldUdp64Header.EndOfSession), Datagram("TWO", 4),
        ];
        foreach (var datagram in datagrams)
        {
            await socket.SendToAsync(datagram, new IPEndPoint(options.Group, options.Port), Stop);
        }

        var read = await Task.WhenAll(readings);
        Assert.Equal([("ONE       ", 1L), ("ONE       ", 2), ("ONE       ", 3)], read[0].Select(message => (message.Session, message.Sequence)));
        Assert.Equal(Enumerable.Range(1, 4).Select(i => ("TWO       ", (long)i)), read[1].Select(message => (message.Session, message.Sequence)));
        Assert.Equal((3, 5), (first.PassedOver, second.PassedOver));

        // The end, said once more, is not the next one's; what that one sent before is lost, since nobody answers for it.
        var next = Assert.Single(await ReadAsync(first, 1));
        Assert.Equal(("TWO       ", 4L, 3L), (next.Session, next.Sequence, next.Missed));
    }

    [Fact]
    public void Another_session_is_followed_when_it_alone_was_heard_for_a_while()
    {
        var time = new ManualTime();
        var followed = new FollowedSession(new MulticastFeedOptions { TimeProvider = time });
        Assert.True(followed.Takes("OLD", out _));

        // The subscriber was busy; what came meanwhile waits.
        time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 10; i++)
        {
            Assert.False(followed.Takes("NEW", out _));
            time.Advance(TimeSpan.FromSeconds(3));
            Assert.True(followed.Takes("OLD", out var isNew) && !isNew);
        }

        Assert.False(followed.Takes("NEW", out _));
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(followed.Takes("NEW", out var isOther) && isOther);
        Assert.False(followed.Takes("OLD", out _));
    }

    [Fact]
    public async Task What_was_missed_before_the_end_is_fetched_although_the_end_is_lost_once()
    {
        var options = Options();

        // A publisher that closes answers for what was missed during one interval.
        options.HeartbeatInterval = TimeSpan.FromSeconds(2);
        var isLost = false;
        var publisher = Publish(options, datagram => MoldUdp64Header.TryRead(datagram.Span, out var header)
            && (header is { Count: 1, Sequence: > 1 } || (header.Count == MoldUdp64Header.EndOfSession && !isLost && (isLost = true))));
        using var subscriber = MulticastSubscriber.Join(options);
        var reading = ReadAsync(subscriber, int.MaxValue);
        await PublishAsync(publisher, 3);
        await publisher.DisposeAsync();
        Assert.Equal([1L, 2, 3], (await reading).Select(Number));
    }

    [Fact]
    public async Task What_the_network_does_not_take_is_numbered_and_can_be_fetched()
    {
        var options = Options();
        await using var publisher = Publish(options, datagram => MoldUdp64Header.TryRead(datagram.Span, out var header) && header is { Count: 1, Sequence: > 1 }
            ? throw new SocketException((int)SocketError.NetworkUnreachable) : false);
        using var subscriber = MulticastSubscriber.Join(options);
        var reading = ReadAsync(subscriber, 5);
        await PublishAsync(publisher, 5);
        Assert.Equal([1L, 2, 3, 4, 5], (await reading).Select(Number));
    }

    [Theory]
    [InlineData("10.0.0.1", 31_001, "127.0.0.1", "10.0.0.1 is no multicast address")]
    [InlineData("255.255.255.255", 31_001, "127.0.0.1", "255.255.255.255 is no multicast address")]
    [InlineData("ff15::1", 31_001, "127.0.0.1", "ff15::1 is no multicast address")]
    [InlineData("239.192.0.1", 0, "127.0.0.1", "0 is no port")]
    [InlineData("239.192.0.1", 31_001, "::1", "::1 is no address of IPv4")]
    public void What_is_no_group_is_refused(string group, int port, string network, string start)
    {
        var options = new MulticastFeedOptions { Group = IPAddress.Parse(group), Port = port, Interface = IPAddress.Parse(network), Recovery = new IPEndPoint(IPAddress.Loopback, 0) };
        Assert.StartsWith(start, Assert.Throws<ArgumentException>(() => MulticastPublisher.Start(options)).Message, StringComparison.Ordinal);
        Assert.StartsWith(start, Assert.Throws<ArgumentException>(() => MulticastSubscriber.Join(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_the_session_ends_the_reading()
    {
        var options = Options();
        var publisher = Publish(options);
        using var subscriber = MulticastSubscriber.Join(options);
        var reading = ReadAsync(subscriber, int.MaxValue);
        await PublishAsync(publisher, 3);
        await publisher.DisposeAsync();
        Assert.Equal(3, (await reading).Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await publisher.PublishAsync(new byte[1], Stop));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_forged_number_does_not_make_a_subscriber_deaf(int count)
    {
        var options = Options();
        await using var publisher = Publish(options);
        using var subscriber = MulticastSubscriber.Join(options);
        using var forger = FeedSockets.CreateSender(options);
        await PublishAsync(publisher, 3);
        await forger.SendToAsync(Datagram(publisher.Session, 1L << 40, count), new IPEndPoint(options.Group, options.Port), Stop);
        await publisher.PublishAsync(new byte[8], Stop);
        await publisher.PublishAsync(new byte[8], Stop);

        var messages = await ReadAsync(subscriber, 5);

        Assert.Equal([1L, 2, 3, 4, 5], messages.Select(message => message.Sequence));
        Assert.All(messages, message => Assert.Equal(0, message.Missed));
        Assert.Equal(0, subscriber.Lost);
    }

    [Fact]
    public async Task A_forged_number_that_is_heard_first_is_corrected()
    {
        var options = Options();
        await using var publisher = Publish(options);
        using var subscriber = MulticastSubscriber.Join(options);
        using var forger = FeedSockets.CreateSender(options);
        await forger.SendToAsync(Datagram(publisher.Session, 1L << 40, count: 0), new IPEndPoint(options.Group, options.Port), Stop);
        await PublishAsync(publisher, 3);

        var messages = await ReadAsync(subscriber, 3);

        Assert.Equal([1L, 2, 3], messages.Select(Number));
        Assert.All(messages, message => Assert.Equal(0, message.Missed));
    }

    [Fact]
    public async Task A_message_that_is_too_long_is_refused()
    {
        await using var publisher = Publish(Options());
        await Assert.ThrowsAsync<ArgumentException>(async () => await publisher.PublishAsync(new byte[1379], Stop));
        Assert.Equal(1, await publisher.PublishAsync(new byte[1378], Stop));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\0\0")]
    [InlineData("\0\u0005Labcd")]
    public async Task The_recovery_server_closes_on_strangers(string bytes)
    {
        await using var publisher = Publish(Options());
        using var client = new TcpClient();
        await client.ConnectAsync(publisher.Recovery, Stop);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(bytes.PadRight(70, ' ')), Stop);
        var read = client.GetStream().ReadAsync(new byte[1], Stop).AsTask();
        await Task.WhenAny(read).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.True(read.IsFaulted || await read == 0);
    }

    /// <summary>A port of its own for each test, so that no feed hears another.</summary>
    private static MulticastFeedOptions Options()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new MulticastFeedOptions
        {
            Port = ((IPEndPoint)socket.LocalEndPoint!).Port,
            Recovery = new IPEndPoint(IPAddress.Loopback, 0),
            HeartbeatInterval = TimeSpan.FromMilliseconds(50),
        };
    }

    private static MulticastPublisher Publish(MulticastFeedOptions options, Func<ReadOnlyMemory<byte>, bool>? loses = null)
    {
        var publisher = MulticastPublisher.Start(options, loses);
        options.Recovery = publisher.Recovery;
        return publisher;
    }

    private static async Task PublishAsync(MulticastPublisher publisher, int count)
    {
        for (var i = 1; i <= count; i++)
        {
            var message = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(message, i);
            Assert.Equal(i, await publisher.PublishAsync(message, Stop));
        }
    }

    private static async Task<List<FeedMessage>> ReadAsync(MulticastSubscriber subscriber, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        List<FeedMessage> messages = [];
        await foreach (var message in subscriber.ReadAllAsync(limit.Token))
        {
            messages.Add(message);
            if (messages.Count == count)
            {
                break;
            }
        }

        return messages;
    }

    private static long Number(FeedMessage message) => BinaryPrimitives.ReadInt64BigEndian(message.Data.Span);

    private static byte[] Datagram(string session, long sequence, int count = 1)
    {
        var datagram = new byte[MoldUdp64Header.Length + 2 + 8];
        new MoldUdp64Header(session, sequence, count).Write(datagram);
        datagram[MoldUdp64Header.Length + 1] = 8;
        BinaryPrimitives.WriteInt64BigEndian(datagram.AsSpan(MoldUdp64Header.Length + 2), sequence);
        return datagram;
    }
}
