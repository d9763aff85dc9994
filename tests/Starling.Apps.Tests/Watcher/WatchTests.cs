using Starling.Apps.Watcher;
using Starling.Apps.Watcher.Watching;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Watcher;

public sealed class WatchTests
{
    private static readonly WatcherOptions Options = new() { MaxVisitors = 3, MaxTrail = 4, ActivitySeconds = 10 };

    private readonly ManualTime _time = new();
    private readonly Watch _watch;

    public WatchTests() => _watch = new Watch(Options, _time);

    [Fact]
    public void A_visitor_arrives_moves_and_leaves()
    {
        Assert.True(Apply(1, 100, new WorkerReport { Present = [] }));
        Assert.True(Apply(1, 100, new WorkerReport { Arrived = [new Visit(5, "ada")] }));
        Assert.True(Apply(1, 100, new WorkerReport { Moves = [[5, 1, 2, 3, 4]] }));
        var news = _watch.Advance();
        Assert.Equal([VisitEventKind.WorkerUp, VisitEventKind.Arrived], news.Events.Select(happened => happened.Kind));
        var number = news.Events[1].Visitor!.Number;
        Assert.Equal([number, 1, 2, 3, 4], Assert.Single(news.Moves));
        Assert.Empty(_watch.Advance().Moves);

        Apply(1, 100, new WorkerReport { Left = [5] });
        Assert.Equal(VisitEventKind.Away, Assert.Single(_watch.Advance().Events).Kind);
        Pass(TimeSpan.FromSeconds(4), (1, 100));
        Assert.Contains(_watch.View().Events, happened => happened.Kind == VisitEventKind.Left && happened.Visitor!.Number == number);
        Assert.Empty(_watch.View().Visitors);
    }

    [Fact]
    public void A_visitor_that_comes_back_to_another_worker_is_the_same_visitor()
    {
        Apply(1, 100, new WorkerReport { Present = [new Visit(5, "ada")], Moves = [[5, 10, 20]] });
        Apply(2, 200, new WorkerReport { Present = [] });

        // The worker was killed: it says nothing, and the visitor is back before that is noticed.
        Apply(2, 200, new WorkerReport { Arrived = [new Visit(1, "ada")], Moves = [[1, 30, 40]] });
        Pass(TimeSpan.FromSeconds(10), (2, 200));
        var visitor = Assert.Single(_watch.View().Visitors);
        Assert.Equal((2, 200, true), (visitor.Worker, visitor.Pid, visitor.IsHere));
        Assert.Equal([10, 20, 30, 40], visitor.Trail!);
        var kinds = _watch.View().Events.Select(happened => happened.Kind).ToArray();
        Assert.Contains(VisitEventKind.Returned, kinds);
        Assert.Contains(VisitEventKind.WorkerLost, kinds);
        Assert.DoesNotContain(VisitEventKind.Left, kinds);
    }

    [Fact]
    public void Visitors_of_a_worker_that_is_silent_leave()
    {
        Apply(1, 100, new WorkerReport { Present = [new Visit(5, "ada")] });
        Pass(TimeSpan.FromSeconds(8));
        Assert.Empty(_watch.View().Visitors);
        Assert.Equal(
            [VisitEventKind.WorkerUp, VisitEventKind.Arrived, VisitEventKind.WorkerLost, VisitEventKind.Away, VisitEventKind.Left],
            _watch.View().Events.Select(happened => happened.Kind));
    }

    [Fact]
    public void Reports_that_got_lost_are_asked_for_and_made_good()
    {
        Assert.False(Apply(1, 100, new WorkerReport()));
        Assert.False(Apply(1, 100, new WorkerReport { Moves = [[5, 1, 1]] }));
        Assert.True(Apply(1, 100, new WorkerReport { Present = [new Visit(5, "ada"), new Visit(6, "grace")] }));
        Assert.True(Apply(1, 100, new WorkerReport { Moves = [[5, 1, 1]] }));
        Assert.Equal(2, _watch.View().Visitors.Count);
        Apply(1, 100, new WorkerReport { Present = [new Visit(6, "grace")] });
        Assert.Single(_watch.View().Visitors, visitor => visitor.IsHere);
    }

    [Fact]
    public void What_is_kept_is_bounded()
    {
        Apply(1, 100, new WorkerReport { Present = [.. Enumerable.Range(1, 10).Select(i => new Visit(i, $"visitor {i}"))] });
        Assert.Equal((3, 7), (_watch.View().Visitors.Count, _watch.View().Unseen));
        Assert.True(Apply(1, 100, new WorkerReport { Moves = [[10, 1, 1], [1, .. Enumerable.Range(0, 2_000)]] }));
        Assert.Equal(8, _watch.View().Visitors[0].Trail!.Length);
        Assert.InRange(_watch.Advance().Moves.Single().Length, 1, 1 + (2 * 2 * 4));
        for (var i = 0; i < 1_000; i++)
        {
            Apply(1, 100, new WorkerReport { Left = [1] });
            Apply(1, 100, new WorkerReport { Arrived = [new Visit(1, "visitor 1")] });
        }

        Assert.InRange(_watch.View().Events.Count, 1, 100);
    }

    [Fact]
    public void Coordinates_that_cannot_be_are_cut()
    {
        Apply(1, 100, new WorkerReport { Present = [new Visit(1, "ada")], Moves = [[], [1], [1, 2], [1, -5, 100_000]] });
        Assert.Equal([0, 65_535], Assert.Single(_watch.View().Visitors).Trail!);
    }

    [Fact]
    public void Activity_counts_moves_by_worker_and_has_every_second()
    {
        _watch.Advance();
        Apply(1, 100, new WorkerReport { Present = [new Visit(1, "ada")], Moves = [[1, 1, 1, 2, 2]] });
        Apply(2, 200, new WorkerReport { Present = [new Visit(1, "grace")], Moves = [[1, 1, 1]] });
        _time.Advance(TimeSpan.FromSeconds(1));
        var first = Assert.Single(_watch.Advance().Activity);
        Assert.Equal((3, 2, 1), (first.Total, first.Workers[1], first.Workers[2]));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([0, 0], _watch.Advance().Activity.Select(activity => activity.Total));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, _watch.Advance().Activity.Count);
        Assert.Equal(10, _watch.View().Activity.Count);
    }

    [Fact]
    public void A_worker_that_ends_in_order_is_not_taken_for_lost()
    {
        Apply(1, 100, new WorkerReport { Present = [new Visit(5, "ada")] });
        Apply(1, 100, new WorkerReport { Left = [5], IsLast = true });
        Pass(TimeSpan.FromSeconds(8));
        Assert.Equal(
            [VisitEventKind.WorkerUp, VisitEventKind.Arrived, VisitEventKind.Away, VisitEventKind.WorkerEnded, VisitEventKind.Left],
            _watch.View().Events.Select(happened => happened.Kind));
    }

    [Fact]
    public void Moves_that_waited_for_the_master_are_drawn_and_are_no_burst_of_activity()
    {
        var late = new WorkerReport { SentAt = _time.GetUtcNow().ToUnixTimeMilliseconds(), Present = [new Visit(1, "ada")], Moves = [[1, 7, 8]] };
        _time.Advance(TimeSpan.FromSeconds(5));
        _watch.Advance();
        _watch.Apply(1, 100, late);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Assert.Single(_watch.Advance().Activity).Total);
        Assert.Equal([7, 8], Assert.Single(_watch.View().Visitors).Trail!);
    }

    private bool Apply(int worker, int pid, WorkerReport report) =>
        _watch.Apply(worker, pid, report with { SentAt = _time.GetUtcNow().ToUnixTimeMilliseconds() });

    /// <summary>Lets time pass in small steps, in which some workers give a sign of life.</summary>
    private void Pass(TimeSpan time, params (int Worker, int Pid)[] living)
    {
        var step = TimeSpan.FromMilliseconds(500);
        for (; time > TimeSpan.Zero; time -= step)
        {
            _time.Advance(step);
            foreach (var (worker, pid) in living)
            {
                Apply(worker, pid, new WorkerReport());
            }

            _watch.Advance();
        }
    }
}
