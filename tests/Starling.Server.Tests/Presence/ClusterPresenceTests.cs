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
    public async Task A_state_that_is_no_JSON_or_too_large_is_refused()
    {
        await using var presence = Node();

        await Assert.ThrowsAsync<ArgumentException>(async () => await presence.JoinAsync("room", "ada", Json("{")));
        await Assert.ThrowsAsync<ArgumentException>(async () => await presence.JoinAsync("room", "ada", Json($"\"{new string('x', 70_000)}\"")));
        Assert.Empty(presence.List("room"));
    }

    private static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);

    private static (PresenceChangeKind, string) Of(PresenceChange change) => (change.Kind, Encoding.UTF8.GetString(change.Member.State.Span));

    private ClusterPresence Node() => new(new InMemoryBackplane(_nodes), _time, NullLogger<ClusterPresence>.Instance);
}
