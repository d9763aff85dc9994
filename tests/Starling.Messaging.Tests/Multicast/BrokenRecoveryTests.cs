using System.Net;
using System.Net.Sockets;
using Starling.Messaging.Multicast;
using Starling.Protocol.MoldUdp64;

namespace Starling.Messaging.Tests.Multicast;

/// <summary>The connection over which missed messages come may break like any other.</summary>
public sealed class BrokenRecoveryTests
{
    private const int Count = 400;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recovery_that_breaks_midway_goes_on_where_it_was()
    {
        var messages = await ReadThroughAsync(cuts: 3);
        Assert.Equal(Enumerable.Range(1, Count).Select(number => (long)number), messages.Select(message => message.Sequence));
        Assert.All(messages, message => Assert.Equal(0, message.Missed));
    }

    [Fact]
    public async Task What_came_before_the_server_was_gone_for_good_is_handed_on_and_only_the_rest_counts_as_lost()
    {
        var messages = await ReadThroughAsync(cuts: int.MaxValue, limit: 1);
        Assert.Equal(Count, messages[^1].Sequence);
        Assert.InRange(messages.Count, 3, Count - 1);
        Assert.Equal(Count, messages.Count + messages.Sum(message => message.Missed));
        Assert.All(messages.SkipLast(1), message => Assert.Equal(0, message.Missed));
    }

    [Fact]
    public void Options_that_cannot_be_used_are_named()
    {
        AssertRefused(options => options.MaxDatagramBytes = 22, nameof(MulticastFeedOptions.MaxDatagramBytes));
        AssertRefused(options => options.MaxDatagramBytes = 65_508, nameof(MulticastFeedOptions.MaxDatagramBytes));
        AssertRefused(options => options.HeartbeatInterval = TimeSpan.Zero, nameof(MulticastFeedOptions.HeartbeatInterval));
        AssertRefused(options => options.SilenceLimit = TimeSpan.FromSeconds(-1), nameof(MulticastFeedOptions.SilenceLimit));
        AssertRefused(options => options.RecoveryTimeout = TimeSpan.Zero, nameof(MulticastFeedOptions.RecoveryTimeout));
        AssertRefused(options => options.HistoryMessages = 0, nameof(MulticastFeedOptions.HistoryMessages));
        AssertRefused(options => options.HistoryBytes = 0, nameof(MulticastFeedOptions.HistoryBytes));
        AssertRefused(options => options.ReceiveBufferBytes = 0, nameof(MulticastFeedOptions.ReceiveBufferBytes));
        AssertRefused(options => options.TimeToLive = 256, nameof(MulticastFeedOptions.TimeToLive));
        AssertRefused(options => options.Session = "eleven_long", nameof(MulticastFeedOptions.Session));
    }

    private static void AssertRefused(Action<MulticastFeedOptions> change, string name)
    {
        var options = new MulticastFeedOptions { Recovery = new IPEndPoint(IPAddress.Loopback, 0) };
        change(options);
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => MulticastPublisher.Start(options)).Message, StringComparison.Ordinal);
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => MulticastSubscriber.Join(options)).Message, StringComparison.Ordinal);
    }

    /// <summary>Of a feed whose network takes only the first message and the last, by way of something that cuts connections.</summary>
    private static async Task<List<FeedMessage>> ReadThroughAsync(int cuts, int limit = int.MaxValue)
    {
        var options = new MulticastFeedOptions { Port = FreePort(), Recovery = new IPEndPoint(IPAddress.Loopback, 0), HeartbeatInterval = TimeSpan.FromMilliseconds(500) };
        await using var publisher = MulticastPublisher.Start(
            options, datagram => MoldUdp64Header.TryRead(datagram.Span, out var header) && header is not { Count: 1, Sequence: 1 or Count });
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var cutting = CutAsync(listener, publisher.Recovery, cuts, limit, ending.Token);
        options.Recovery = (IPEndPoint)listener.LocalEndpoint;
        using var subscriber = MulticastSubscriber.Join(options);
        for (var i = 0; i < Count; i++)
        {
            await publisher.PublishAsync(new byte[100], Stop);
        }

        List<FeedMessage> messages = [];
        await foreach (var message in subscriber.ReadAllAsync(Stop))
        {
            messages.Add(message);
            if (message.Sequence == Count)
            {
                break;
            }
        }

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => cutting);
        return messages;
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static async Task CutAsync(TcpListener listener, IPEndPoint target, int cuts, int limit, CancellationToken stop)
    {
        for (var served = 0; served < limit; served++)
        {
            using var client = await listener.AcceptTcpClientAsync(stop);
            using var server = new TcpClient();
            await server.ConnectAsync(target, stop);
            var up = client.GetStream().CopyToAsync(server.GetStream(), stop);
            if (served < cuts)
            {
                var part = new byte[5_050];
                await server.GetStream().ReadExactlyAsync(part, stop);
                await client.GetStream().WriteAsync(part, stop);
            }
            else
            {
                await server.GetStream().CopyToAsync(client.GetStream(), stop);
                await up;
            }
        }

        listener.Stop();
        throw new OperationCanceledException();
    }
}
