using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Server.Backplane;
using Starling.Server.Presence;

namespace Starling.Server.Tests.Presence;

public sealed class ClusterPresenceTests
{
    private readonly ManualTime _time = new();
    private readonly InMemoryBackplaneHub _nodes = new();

    [Fact]
    public async Task Members_join_change_and_leave_and_watchers_hear_of_it_in_order()
    {
        await using var presence = Node();
        var changes = presence.WatchAsync("room", TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = changes.MoveNextAsync().AsTask();
        await presence.JoinAsync("room", "ada", Json("1"), cancellationToken: TestContext.Current.CancellationToken);
        await presence.JoinAsync("elsewhere", "ada", Json("1"), cancellationToken: TestContext.Current.CancellationToken);
        await presence.JoinAsync("room", "ada", Json("1"), cancellationToken: TestContext.Current.CancellationToken);
        await presence.JoinAsync("room", "ada", Json("2"), cancellationToken: TestContext.Current.CancellationToken);
        await presence.LeaveAsync("room", "grace", TestContext.Current.CancellationToken);
        await presence.LeaveAsync("room", "ada", TestContext.Current.CancellationToken);

        Assert.True(await first);
        var seen = new List<(PresenceChangeKind, string)> { Of(changes.Current) };
        while (seen.Count < 3 && await changes.MoveNextAsync())
        {
            seen.Add(Of(changes.Current));
        }

        Assert.Equal([(PresenceChangeKind.Joined, "1"), (PresenceChangeKind.Updated, "2"), (PresenceChangeKind.Left, "2")], seen);
        Assert.Empty(presence.List("room"));
        Assert.Single(presence.List("elsewhere"));
    }

    [Fact]
    public async Task A_member_goes_when_its_time_runs_out_unless_it_joins_again()
    {
        await using var presence = Node();
        var expiry = TimeSpan.FromSeconds(30);
        await presence.JoinAsync("room", "ada", Json("1"), expiry, TestContext.Current.CancellationToken);
        await presence.JoinAsync("room", "grace", Json("1"), expiry, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(20));
        await presence.JoinAsync("room", "ada", Json("1"), expiry, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(["ada"], presence.List("room").Select(member => member.Id));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(presence.List("room"));
    }

    [Fact]
    public async Task All_nodes_know_all_members_also_those_who_were_there_before_them()
    {
        await using var first = Node();
        await first.JoinAsync("room", "ada", Json("1"), cancellationToken: TestContext.Current.CancellationToken);
        await using var second = Node();
        await second.JoinAsync("room", "grace", Json("2"), cancellationToken: TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(() => first.List("room").Count == 2 && second.List("room").Count == 2, "both nodes know both members");

        // Only the node of a member can let it go.
        await second.LeaveAsync("room", "ada", TestContext.Current.CancellationToken);
        Assert.Equal(2, second.List("room").Count);
        await first.LeaveAsync("room", "ada", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => second.List("room").Count == 1, "the second node hears of the leave");
    }

    [Fact]
    public async Task The_members_of_a_node_that_falls_silent_go_and_come_back_with_it()
    {
        await using var first = Node();
        var backplane = new InMemoryBackplane(_nodes);
        await using var second = new ClusterPresence(backplane, _time, NullLogger<ClusterPresence>.Instance);
        await second.JoinAsync("room", "grace", Json("1"), cancellationToken: TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => first.List("room").Count == 1, "the first node knows the member");

        // Its heartbeats keep it alive; they stop with its backplane.
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(9));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Single(first.List("room"));
        await backplane.DisposeAsync();
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Empty(first.List("room"));
    }

    [Fact]
    public async Task Joins_and_leaves_that_were_lost_on_the_way_heal_with_the_next_beat()
    {
        var lossy = new LossyBackplane(new InMemoryBackplane(_nodes));
        await using var first = new ClusterPresence(lossy, _time, NullLogger<ClusterPresence>.Instance);
        await using var second = Node();
        await JoinAsync(first, "stays", "1");
        await JoinAsync(first, "leaves", "1");
        await Eventually.TrueAsync(() => second.List("room").Count == 2, "the second node knows both members");

        lossy.Loses = true;
        await JoinAsync(first, "comes", "1");
        await JoinAsync(first, "stays", "2");
        await first.LeaveAsync("room", "leaves", TestContext.Current.CancellationToken);
        lossy.Loses = false;
        Assert.Equal(["leaves", "stays"], Names(second).Order());
        await BeatAsync();

        await Eventually.TrueAsync(() => Names(second).Order().SequenceEqual(["comes", "stays"]), "what was lost is healed");
        Assert.Equal("2", Encoding.UTF8.GetString(second.List("room").Single(member => member.Id == "stays").State.Span));
    }

    [Fact]
    public async Task The_next_change_heals_what_was_lost_before_it()
    {
        var lossy = new LossyBackplane(new InMemoryBackplane(_nodes));
        await using var first = new ClusterPresence(lossy, _time, NullLogger<ClusterPresence>.Instance);
        await using var second = Node();
        await JoinAsync(first, "ghost", "1");
        await Eventually.TrueAsync(() => second.List("room").Count == 1, "the second node knows the member");

        lossy.Loses = true;
        await first.LeaveAsync("room", "ghost", TestContext.Current.CancellationToken);
        lossy.Loses = false;
        _time.Advance(TimeSpan.FromSeconds(3));
        await JoinAsync(first, "ada", "1");

        await Eventually.TrueAsync(() => Names(second).SequenceEqual(["ada"]), "the ghost has gone");
    }

    [Fact]
    public async Task Members_that_leave_while_a_node_joins_leave_no_ghosts_there()
    {
        await using var first = Node();
        for (var i = 0; i < 1_000; i++)
        {
            await JoinAsync(first, $"member {i}", "1");
        }

        var leaving = Task.Run(async () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                await first.LeaveAsync("room", $"member {i}");
            }
        });
        var nodes = new List<ClusterPresence>();
        for (var i = 0; i < 5; i++)
        {
            nodes.Add(Node());
            await Task.Yield();
        }

        await leaving;
        await BeatAsync();
        await Eventually.TrueAsync(() => nodes.All(node => node.List("room").Count == 0), "all nodes know that all have left");
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_member_at_two_nodes_is_the_same_everywhere_also_when_it_leaves_one(bool earlierLeaves)
    {
        await using var first = Node();
        await using var second = Node();
        await using var third = Node();
        ClusterPresence[] all = [first, second, third];
        await JoinAsync(first, "ada", "1");
        _time.Advance(TimeSpan.FromSeconds(1));
        await JoinAsync(second, "ada", "2");
        await Eventually.TrueAsync(() => all.All(node => State(node) == "2"), "all show the later entry");

        await (earlierLeaves ? first : second).LeaveAsync("room", "ada", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => all.All(node => State(node) == (earlierLeaves ? "2" : "1")), "all show the entry that is left");
        await (earlierLeaves ? second : first).LeaveAsync("room", "ada", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => all.All(node => State(node) is null), "it has left both");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_lost_all_nodes_agree_in_the_end(int seed)
    {
        var random = new Random(seed);
        LossyBackplane[] backplanes = [.. Enumerable.Range(0, 3).Select(_ => new LossyBackplane(new InMemoryBackplane(_nodes)))];
        ClusterPresence[] nodes = [.. backplanes.Select(backplane => new ClusterPresence(backplane, _time, NullLogger<ClusterPresence>.Instance))];
        var own = nodes.Select(_ => new Dictionary<string, string>()).ToArray();
        for (var i = 0; i < 500; i++)
        {
            var at = random.Next(3);
            var member = $"member {random.Next(20)}";
            backplanes[at].Loses = random.Next(3) == 0;
            if (random.Next(3) > 0)
            {
                await JoinAsync(nodes[at], member, own[at][member] = $"{i}");
            }
            else
            {
                own[at].Remove(member);
                await nodes[at].LeaveAsync("room", member, TestContext.Current.CancellationToken);
            }
        }

        Array.ForEach(backplanes, backplane => backplane.Loses = false);
        var there = own.SelectMany(members => members.Keys).Distinct().Order(StringComparer.Ordinal).ToArray();
        for (var i = 0; i < 3; i++)
        {
            await BeatAsync();
        }

        await Eventually.TrueAsync(
            () => nodes.All(node => Names(node).Order(StringComparer.Ordinal).SequenceEqual(there)), "all nodes know the same members");
        Assert.All(nodes, node => Assert.All(node.List("room"), member => Assert.Contains(own, members => members.GetValueOrDefault(member.Id) == Encoding.UTF8.GetString(member.State.Span))));
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_state_that_is_no_JSON_or_too_large_is_refused()
    {
        await using var presence = Node();

        await Assert.ThrowsAsync<ArgumentException>(async () => await presence.JoinAsync("room", "ada", Json("{")));
        await Assert.ThrowsAsync<ArgumentException>(async () => await presence.JoinAsync("room", "ada", Json($"\"{new string('x', 70_000)}\"")));
        Assert.Empty(presence.List("room"));
    }

    private static ValueTask JoinAsync(ClusterPresence node, string member, string state) =>
        node.JoinAsync("room", member, Json(state), cancellationToken: TestContext.Current.CancellationToken);

    private static IEnumerable<string> Names(ClusterPresence node) => node.List("room").Select(member => member.Id);

    private static string? State(ClusterPresence node) =>
        node.List("room") is [{ } member] ? Encoding.UTF8.GetString(member.State.Span) : null;

    // In steps in which the nodes answer each other, or they would take each other for gone.
    private async Task BeatAsync()
    {
        for (var i = 0; i < 11; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);

    private static (PresenceChangeKind, string) Of(PresenceChange change) => (change.Kind, Encoding.UTF8.GetString(change.Member.State.Span));

    private ClusterPresence Node() => new(new InMemoryBackplane(_nodes), _time, NullLogger<ClusterPresence>.Instance);
}
