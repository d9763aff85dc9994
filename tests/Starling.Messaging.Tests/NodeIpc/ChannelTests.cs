using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Starling.Messaging.NodeIpc;

namespace Starling.Messaging.Tests.NodeIpc;

/// <summary>What the other end may do to a channel.</summary>
public sealed class ChannelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_may_be_cut_anywhere_and_come_many_at_once()
    {
        var (channel, peer) = Open();
        await using var _ = channel;
        foreach (var piece in "{\"text\":\"ü\"}\n[1]\n"u8.ToArray())
        {
            await peer.SendAsync(new[] { piece });
        }

        await peer.SendAsync("2\n3\n"u8.ToArray());
        Assert.Equal("ü", (await ReadAsync(channel)).Body.GetProperty("text").GetString());
        Assert.Equal("[1]", (await ReadAsync(channel)).Body.GetRawText());
        Assert.Equal(2, (await ReadAsync(channel)).Read<int>());
        Assert.Equal(3, (await ReadAsync(channel)).Read<int>());
        await peer.SendAsync("\"unfinished"u8.ToArray());
        peer.Dispose();
        await channel.Disconnected.WaitAsync(ChannelChild.Limit);
        Assert.Null(channel.Error);
        Assert.False(channel.Messages.TryRead(out var __));
    }

    [Theory]
    [InlineData("no json\n", "no JSON message")]
    [InlineData("\n", "no JSON message")]
    [InlineData("\"much longer than it may be", "longer than 16 bytes")]
    public async Task What_is_no_message_ends_the_channel_with_a_reason(string bytes, string reason)
    {
        var (channel, peer) = Open(new NodeChannelOptions { MaxMessageBytes = 16 });
        await using var _ = channel;
        using var __ = peer;
        await peer.SendAsync(Encoding.UTF8.GetBytes(bytes));
        await channel.Disconnected.WaitAsync(ChannelChild.Limit);
        Assert.Contains(reason, channel.Error!.Message);
        var refused = await Assert.ThrowsAsync<NodeChannelException>(() => channel.SendAsync(1, Cancellation));
        Assert.Contains("closed", refused.Message);
    }

    [Theory]
    [InlineData("no json\n", 1)]
    [InlineData("\"much longer than it may be\"\n", 1)]
    [InlineData("\"much longer than it may be, and \n\"much longer than it may be as well\"\n\n", 3)]
    [InlineData("{\"cmd\":\"\\ud800\"\n", 1)]
    public async Task A_channel_whose_owner_hears_of_dropped_messages_goes_on(string bytes, int count)
    {
        var dropped = new List<NodeChannelException>();
        var (channel, peer) = Open(new NodeChannelOptions { MaxMessageBytes = 16, Dropped = dropped.Add });
        await using var _ = channel;
        using var __ = peer;
        foreach (var part in Encoding.UTF8.GetBytes("1\n" + bytes + "2\n").Chunk(3))
        {
            await peer.SendAsync(part);
        }

        Assert.Equal(1, (await channel.Messages.ReadAsync(Cancellation)).Body.GetInt32());
        Assert.Equal(2, (await channel.Messages.ReadAsync(Cancellation)).Body.GetInt32());
        Assert.Equal(count, dropped.Count);
        Assert.True(channel.IsConnected);
    }

    [Fact]
    public async Task Too_long_a_message_is_refused_to_its_sender()
    {
        var (channel, peer) = Open(new NodeChannelOptions { MaxMessageBytes = 16 });
        await using var _ = channel;
        using var __ = peer;
        await Assert.ThrowsAsync<NodeChannelException>(() => channel.SendAsync(new string('x', 15), Cancellation));
        Assert.True(channel.IsConnected);
    }

    [Fact]
    public async Task Senders_wait_for_a_peer_that_does_not_read_and_may_give_up()
    {
        var (channel, peer) = Open(new NodeChannelOptions { MaxQueuedBytes = 1000 });
        await using var _ = channel;
        using var __ = peer;
        var text = new string('x', 500);
        var sent = 0;
        using var giveUp = new CancellationTokenSource();
        Task waiting;
        while ((waiting = channel.SendAsync($"{sent:D6}{text}", giveUp.Token)).IsCompletedSuccessfully)
        {
            sent++;
            Assert.True(sent < 1_000_000, "The queue has no bound.");
        }

        var after = channel.SendAsync("after", Cancellation);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        using var reader = new StreamReader(new NetworkStream(peer));
        for (var i = 0; i < sent; i++)
        {
            Assert.StartsWith($"\"{i:D6}x", await reader.ReadLineAsync(Cancellation).AsTask().WaitAsync(ChannelChild.Limit));
        }

        await after.WaitAsync(ChannelChild.Limit);
        Assert.Equal("\"after\"", await reader.ReadLineAsync(Cancellation));
    }

    [Fact]
    public async Task A_descriptor_that_got_lost_is_sent_again_three_times_and_what_follows_waits()
    {
        var (channel, peer) = Open();
        await using var _ = channel;
        using var __ = peer;
        using var listener = Listen();
        await channel.SendAsync("one", listener, Cancellation);
        await channel.SendAsync("two", Cancellation);
        var received = new List<SafeFileHandle>();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("""{"cmd":"NODE_HANDLE","type":"net.Server","msg":"one"}""" + "\n", await ReceiveAsync(peer, received));
            Assert.Equal(i + 1, received.Count);
            await peer.SendAsync("{\"cmd\":\"NODE_HANDLE_NACK\"}\n"u8.ToArray());
        }

        Assert.Equal("\"two\"\n", await ReceiveAsync(peer, received));
        Assert.Equal(4, received.Count);
        received.ForEach(static handle => handle.Dispose());
    }

    [Fact]
    public async Task A_message_without_its_descriptor_is_refused_and_taken_when_it_comes_again()
    {
        var (channel, peer) = Open();
        await using var _ = channel;
        using var __ = peer;
        using var listener = Listen();
        var line = Encoding.UTF8.GetBytes("""{"cmd":"NODE_HANDLE","type":"net.Server","msg":"one"}""" + "\n");
        await peer.SendAsync(line);
        Assert.Equal("{\"cmd\":\"NODE_HANDLE_NACK\"}\n", await ReceiveAsync(peer, []));
        Assert.Equal(5, UnixDescriptors.TrySend(peer.SafeHandle, line.AsSpan(0, 5), [listener.SafeHandle]));
        await peer.SendAsync(line.AsMemory(5));
        Assert.Equal("{\"cmd\":\"NODE_HANDLE_ACK\"}\n", await ReceiveAsync(peer, []));
        var message = await ReadAsync(channel);
        using var handle = message.Handle!;
        using var socket = handle.ToSocket();
        Assert.Equal(listener.LocalEndPoint, socket.LocalEndPoint);
    }

    [Fact]
    public async Task A_descriptor_waits_with_its_line_for_a_peer_that_does_not_read()
    {
        var (channel, theirs) = NodeChannel.CreatePair();
        await using var _ = channel;
        await using var other = NodeChannel.Attach(theirs);
        using var listener = Listen();
        var text = new string('x', 10_000);
        for (var i = 0; i < 300; i++)
        {
            await channel.SendAsync(text, Cancellation);
        }

        await channel.SendAsync("socket", listener, Cancellation);
        other.Start();
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(text.Length, (await ReadAsync(other)).Read<string>()!.Length);
        }

        using var handle = (await ReadAsync(other)).Handle;
        Assert.NotNull(handle);
    }

    [Fact]
    public async Task A_kept_descriptor_goes_on_after_the_rest_of_a_message()
    {
        var (ours, theirs) = UnixDescriptors.CreateSocketPair();
        using var peer = Own(theirs);
        var kept = UnixDescriptors.Duplicate(ours);
        await using (var former = NodeChannel.Attach(ours))
        {
            former.Start();
            await peer.SendAsync("1\n{\"half\":"u8.ToArray());
            Assert.Equal(1, (await ReadAsync(former)).Read<int>());
        }

        await peer.SendAsync("2}\n{\"whole\":3}\n"u8.ToArray());
        await using var next = NodeChannel.Attach(kept);
        next.Start();
        Assert.Equal("""{"whole":3}""", (await ReadAsync(next)).Body.GetRawText());
        await next.SendAsync("still here", Cancellation);
        Assert.Equal("\"still here\"\n", await ReceiveAsync(peer, []));
    }

    [Fact]
    public void Several_descriptors_go_in_one_message()
    {
        var (first, second) = UnixDescriptors.CreateSocketPair();
        using var _ = first;
        using var __ = second;
        using var listener = Listen();
        var received = new List<SafeFileHandle>();
        Assert.Equal(3, UnixDescriptors.TrySend(first, "abc"u8, [listener.SafeHandle, first, second]));
        Assert.Equal(3, UnixDescriptors.TryReceive(second, new byte[10], received));
        Assert.Equal(3, received.Count);
        received.ForEach(static handle => handle.Dispose());
        Assert.Equal(-1, UnixDescriptors.TryReceive(second, new byte[10], received));
    }

    private static (NodeChannel Channel, Socket Peer) Open(NodeChannelOptions? options = null)
    {
        var (channel, theirs) = NodeChannel.CreatePair(options);
        channel.Start();
        return (channel, Own(theirs));
    }

    private static Socket Own(SafeFileHandle handle)
    {
        var socket = new Socket(new SafeSocketHandle(handle.DangerousGetHandle(), ownsHandle: true));
        handle.SetHandleAsInvalid();
        return socket;
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    private static async Task<NodeMessage> ReadAsync(NodeChannel channel) =>
        await channel.Messages.ReadAsync(Cancellation).AsTask().WaitAsync(ChannelChild.Limit);

    private static async Task<string> ReceiveAsync(Socket peer, List<SafeFileHandle> descriptors)
    {
        var bytes = new byte[1000];
        int count;
        do
        {
            // What ends this wait may be news of bytes that were taken before.
            await peer.ReceiveAsync(Memory<byte>.Empty, Cancellation).AsTask().WaitAsync(ChannelChild.Limit);
        }
        while ((count = UnixDescriptors.TryReceive(peer.SafeHandle, bytes, descriptors)) < 0);

        return Encoding.UTF8.GetString(bytes, 0, count);
    }
}
