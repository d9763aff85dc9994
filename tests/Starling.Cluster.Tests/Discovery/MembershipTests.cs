using System.Net.Sockets;
using Starling.Cluster.Discovery;
using Starling.Cluster.Links;

namespace Starling.Cluster.Tests.Discovery;

public sealed class MembershipTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly LogList _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_a_folder_a_node_is_alone_and_opens_nothing()
    {
        await using var node = new LocalBackplane(Microsoft.Extensions.Options.Options.Create(new LocalClusterOptions()));
        await node.JoinAsync(Token);
        Assert.True(node.IsAlone);
        await node.PublishAsync("topic", 1);
        Assert.Equal(0, node.Count("topic"));
    }

    [Fact]
    public async Task Nodes_that_start_at_the_same_time_have_one_link_for_each_pair()
    {
        const int Count = 8;
        var nodes = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => Task.Run(() => TestNode.JoinAsync(_folder, log: _log))));
        var inboxes = await Task.WhenAll(nodes.Select(node => node.InboxAsync("topic")));
        Assert.All(nodes, node => Assert.Equal(Count - 1, node.Count("topic")));
        Assert.Equal(Count * (Count - 1), _log.Lines.Count(line => line.Id == 402));
        for (var i = 0; i < Count; i++)
        {
            await nodes[i].PublishAsync("topic", i);
        }

        for (var i = 0; i < Count; i++)
        {
            var numbers = new List<int>();
            for (var j = 0; j < Count - 1; j++)
            {
                numbers.Add(await inboxes[i].NumberAsync());
            }

            Assert.Equal(Enumerable.Range(0, Count).Where(other => other != i), numbers.Order());
            Assert.False(inboxes[i].TryRead(out _));
        }

        await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        Assert.Empty(_folder.Sockets);
    }

    [Fact]
    public async Task A_node_that_joined_knows_at_once_who_is_subscribed_and_is_known()
    {
        await using var old = await TestNode.JoinAsync(_folder);
        var inbox = await old.InboxAsync("topic");
        await using var young = TestNode.Create(_folder);
        await young.InboxAsync("early");
        await young.JoinAsync(Token);
        Assert.Equal((1, 1), (young.Count("topic"), old.Count("early")));
        await young.PublishAsync("topic", 3);
        Assert.Equal(3, await inbox.NumberAsync());
    }

    [Fact]
    public async Task The_socket_and_its_folder_are_for_the_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        if (!OperatingSystem.IsWindows())
        {
            var path = Path.Combine(_folder.Path, "new");
            await using var node = await TestNode.JoinAsync(_folder, options => options.Folder = path);
            Assert.Equal("UserExecute, UserWrite, UserRead", File.GetUnixFileMode(path).ToString());
            Assert.Equal("UserWrite, UserRead", File.GetUnixFileMode(Directory.GetFiles(path).Single()).ToString());
        }
    }

    [Fact]
    public void A_folder_that_others_may_write_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_111_111);
            Assert.Contains("chmod 700", Assert.Throws<IOException>(() => TestNode.Create(_folder)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_path_that_is_too_long_for_sockets_is_refused_with_the_limit()
    {
        var exception = Assert.Throws<IOException>(() => TestNode.Create(_folder, options => options.Folder = "/tmp/" + new string('x', 90)));
        Assert.Contains("107", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_at_is_removed()
    {
        var stale = Path.Combine(_folder.Path, "0000000000000.sock");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            var bound = stale + "x";
            socket.Bind(new UnixDomainSocketEndPoint(bound));
            File.Move(bound, stale);
        }

        Assert.True(File.Exists(stale));
        await using var node = await TestNode.JoinAsync(_folder, log: _log);
        Assert.False(File.Exists(stale));
        Assert.Single(_log.Lines, line => line.Id == 409);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_not_waited_for_and_is_linked_when_it_does()
    {
        const string Name = "0000000000000";
        using var stopped = Listen(Name);
        await using var node = await TestNode.JoinAsync(_folder, options => options.PeerTimeout = TimeSpan.FromMilliseconds(300), _log);
        Assert.Single(_log.Lines, line => line.Id == 405 && line.Text.Contains(Name, StringComparison.Ordinal));
        using var link = await stopped.AcceptAsync(Token);
        await link.SendAsync(Greeting.Write(Name), Token);
        await TestNode.UntilAsync(() => _log.Lines.Any(line => line.Id == 402), "it is linked");
    }

    [Fact]
    public async Task A_node_of_another_version_is_not_waited_for_nor_asked_again()
    {
        const string Name = "0000000000000";
        using var other = Listen(Name);
        var greeting = Greeting.Write(Name);
        greeting[9] = Greeting.Version + 1;
        var answering = Task.Run(
            async () =>
            {
                using var link = await other.AcceptAsync(Token);
                await link.SendAsync(greeting, Token);
            },
            Token);
        await using var node = await TestNode.JoinAsync(_folder, options => options.PeerTimeout = TestNode.Patience, _log);
        await answering;
        Assert.Single(_log.Lines, line => line.Id == 407);
    }

    [Fact]
    public async Task A_folder_that_somebody_removed_is_made_anew()
    {
        await using var node = await TestNode.JoinAsync(_folder, log: _log);
        Directory.Delete(_folder.Path, recursive: true);
        await TestNode.UntilAsync(() => Directory.Exists(_folder.Path) && _folder.Sockets.Length == 1, "it is there again");
    }

    [Fact]
    public async Task A_socket_that_somebody_removed_is_made_anew()
    {
        await using var node = await TestNode.JoinAsync(_folder, log: _log);
        File.Delete(_folder.Sockets.Single());
        await TestNode.UntilAsync(() => _folder.Sockets.Length == 1, "it is there again");
        await using var other = await TestNode.JoinAsync(_folder);
        await other.InboxAsync("topic");
        Assert.Equal(1, node.Count("topic"));
    }

    private Socket Listen(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.Path, name + ".sock")));
        socket.Listen();
        return socket;
    }

    [Fact]
    public async Task Of_two_nodes_the_younger_one_connects()
    {
        var older = NodeName.Create(TimeProvider.System);
        await TestNode.UntilAsync(() => NodeName.Create(TimeProvider.System)[..9] != older[..9], "time goes on");
        var younger = NodeName.Create(TimeProvider.System);
        Assert.True(NodeName.Connects(younger, older));
        Assert.False(NodeName.Connects(older, younger));
        Assert.True(NodeName.IsName(older));
    }

    [Fact]
    public async Task A_handler_may_end_its_own_subscription()
    {
        await using var node = await TestNode.JoinAsync(_folder);
        await using var other = await TestNode.JoinAsync(_folder);
        IAsyncDisposable? subscription = null;
        var ended = new TaskCompletionSource();
        subscription = await other.SubscribeAsync(
            "topic",
            async _ =>
            {
                await subscription!.DisposeAsync();
                ended.SetResult();
            },
            Token);
        await node.PublishAsync("topic", 1);
        await ended.Task.WaitAsync(TestNode.Patience, Token);
        await TestNode.UntilAsync(() => node.Count("topic") == 0, "it is forgotten");
    }
}
