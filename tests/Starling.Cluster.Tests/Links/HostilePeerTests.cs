using System.Text;
using Microsoft.Extensions.Logging;
using Starling.Cluster.Links;
using Starling.Cluster.Wire;
using Starling.Protocol.Buffers;
using Starling.Server.Backplane;

namespace Starling.Cluster.Tests.Links;

public sealed class HostilePeerTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly LogList _log = new();

    public static TheoryData<string, byte[]> Garbage => new()
    {
        { "a length below one", [0, 0, 0, 0, 6] },
        { "a negative length", [0xFF, 0xFF, 0xFF, 0xFF, 6] },
        { "a length above the limit", [0, 0, 0, 0x7F, 6] },
        { "an unknown kind of frame", RawPeer.Frame(99) },
        { "an answer to nothing", RawPeer.Frame((byte)FrameKind.Synchronized, 77) },
        { "a number without an end", RawPeer.Frame((byte)FrameKind.Synchronize, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255) },
        { "a topic longer than its frame", RawPeer.Frame((byte)FrameKind.Subscribe, 200, 1, 65) },
        { "a topic that is no UTF-8", RawPeer.Frame((byte)FrameKind.Subscribe, 3, 0xFF) },
        { "an empty message", RawPeer.Frame((byte)FrameKind.Message) },
        { "a message whose fields are missing", RawPeer.Frame((byte)FrameKind.Message, 11, (byte)'t', (byte)'o', (byte)'p', (byte)'i', (byte)'c', 2, 0) },
        { "a greeting in the middle", RawPeer.Frame((byte)FrameKind.Hello) },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_ends_its_link_with_a_log_message_and_nothing_else(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        await using var node = await TestNode.JoinAsync(_folder, log: _log);
        await using var other = await TestNode.JoinAsync(_folder);
        var inbox = await node.InboxAsync("topic");
        using var peer = await RawPeer.ConnectAsync(_folder, node);
        await peer.SendAsync(bytes);
        await peer.ReadToEndAsync();
        await TestNode.UntilAsync(() => _log.Lines.Any(line => line is { Id: 406, Level: LogLevel.Error } && line.Text.Contains(peer.Name, StringComparison.Ordinal)), "a log message");
        await other.PublishAsync("topic", 5);
        Assert.Equal(5, await inbox.NumberAsync());
        Assert.False(inbox.TryRead(out _));
    }

    [Fact]
    public async Task Who_does_not_greet_as_a_node_is_sent_away()
    {
        await using var node = await TestNode.JoinAsync(_folder, log: _log);
        using var peer = await RawPeer.ConnectAsync(_folder, node, greets: false);
        await peer.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"));
        await peer.ReadToEndAsync();
        await TestNode.UntilAsync(() => _log.Lines.Any(line => line.Id == 406), "a log message");
        Assert.Equal(0, node.Count("topic"));
    }

    [Fact]
    public async Task Another_version_is_refused_with_a_message_that_names_both()
    {
        await using var node = await TestNode.JoinAsync(_folder, log: _log);
        using var peer = await RawPeer.ConnectAsync(_folder, node, greets: false);
        var greeting = Greeting.Write(peer.Name);
        greeting[9] = Greeting.Version + 1;
        await peer.SendAsync(greeting);
        var answer = await peer.ReadToEndAsync();
        Assert.Equal((byte)Greeting.Version, answer[9]);
        await TestNode.UntilAsync(() => _log.Lines.Any(line => line.Id == 407), "a log message");
        var text = _log.Lines.First(line => line.Id == 407).Text;
        Assert.Contains("version 2", text, StringComparison.Ordinal);
        Assert.Contains("version 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_frame_at_the_end_is_dropped()
    {
        await using var node = await TestNode.JoinAsync(_folder, log: _log);
        var inbox = await node.InboxAsync("topic");
        using (var peer = await RawPeer.ConnectAsync(_folder, node))
        {
            await TestNode.UntilAsync(() => _log.Lines.Any(line => line.Id == 402), "it is linked");
            await peer.SendAsync(Message(1));
            await peer.SendAsync(Message(2)[..^1]);
        }

        Assert.Equal(1, await inbox.NumberAsync());
        await TestNode.UntilAsync(() => _log.Lines.Any(line => line.Id == 403), "the node is gone");
        Assert.False(inbox.TryRead(out _));
        Assert.DoesNotContain(_log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task An_unknown_kind_of_message_is_dropped_with_a_warning_and_the_link_stays()
    {
        await using var node = await TestNode.JoinAsync(_folder, log: _log);
        var inbox = await node.InboxAsync("topic");
        using var peer = await RawPeer.ConnectAsync(_folder, node);
        var unknown = Message(1);
        unknown[5 + 1 + 5] = 200;
        await peer.SendAsync(unknown);
        await peer.SendAsync(unknown);
        await peer.SendAsync(Message(2));
        Assert.Equal(2, await inbox.NumberAsync());
        Assert.Single(_log.Lines, line => line.Id == 408);
    }

    private static byte[] Message(int number)
    {
        using var buffer = new PooledBuffer();
        return buffer.Message(new DataMessage("topic", BitConverter.GetBytes(number))).ToArray();
    }
}
