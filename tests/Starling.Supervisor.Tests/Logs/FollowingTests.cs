using Starling.Supervisor.Logs;

namespace Starling.Supervisor.Tests.Logs;

public sealed class FollowingTests
{
    [Fact]
    public async Task A_follower_gets_lines_with_where_they_came_from()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open(instance: 2);
        log.Pid = 77;
        LogTestKit.Write(log, "before\n");
        using var follower = log.Follow();
        LogTestKit.Write(log, "hel");
        LogTestKit.Write(log, "lo é\r\n");
        LogTestKit.Write(log, "oops\n", LogStream.Error);
        var line = await follower.Lines.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("api", 2, (int?)77, LogStream.Out, "hello é", 0L), (line.App, line.Instance, line.Pid, line.Stream, line.Text, line.Lost));
        Assert.Equal((LogStream.Error, "oops"), await follower.Lines.ReadAsync(TestContext.Current.CancellationToken) is var second ? (second.Stream, second.Text) : default);
    }

    [Fact]
    public async Task A_follower_of_one_process_does_not_get_lines_of_others()
    {
        await using var kit = new LogTestKit();
        var (first, second) = (kit.Open(instance: 0), kit.Open(instance: 1));
        using var one = second.Follow();
        using var all = kit.Store.Follow();
        LogTestKit.Write(first, "a\n");
        LogTestKit.Write(second, "b\n");
        Assert.True(one.Lines.TryRead(out var line));
        Assert.Equal("b", line.Text);
        Assert.False(one.Lines.TryRead(out _));
        Assert.True(all.Lines.TryRead(out line));
        Assert.Equal("a", line.Text);
    }

    [Fact]
    public async Task A_slow_follower_loses_lines_and_is_told_how_many()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open();
        using var slow = log.Follow(capacity: 3);
        for (var i = 0; i < 10; i++)
        {
            LogTestKit.Write(log, $"{i}\n");
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.True(slow.Lines.TryRead(out var kept));
            Assert.Equal((i.ToString(System.Globalization.CultureInfo.InvariantCulture), 0), (kept.Text, kept.Lost));
        }

        LogTestKit.Write(log, "10\n11\n");
        Assert.True(slow.Lines.TryRead(out var next));
        Assert.Equal(("10", 7), (next.Text, next.Lost));
        Assert.True(slow.Lines.TryRead(out next));
        Assert.Equal(("11", 0), (next.Text, next.Lost));
    }

    [Fact]
    public async Task A_follower_that_left_gets_nothing_more()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open();
        var follower = log.Follow();
        LogTestKit.Write(log, "a\n");
        follower.Dispose();
        LogTestKit.Write(log, "b\n");
        var texts = new List<string>();
        await foreach (var line in follower.Lines.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            texts.Add(line.Text);
        }

        Assert.Equal(["a"], texts);
    }

    [Fact]
    public async Task Followers_end_with_the_store()
    {
        LogFollower follower;
        await using (var kit = new LogTestKit())
        {
            follower = kit.Store.Follow();
        }

        Assert.False(await follower.Lines.WaitToReadAsync(TestContext.Current.CancellationToken));
    }
}
