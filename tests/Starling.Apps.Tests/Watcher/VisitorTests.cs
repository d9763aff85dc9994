using Starling.Apps.Watcher;
using Starling.Apps.Watcher.Visiting;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Watcher;

public sealed class VisitorTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Moves_are_reported_once_in_order_after_the_connections_number()
    {
        var visitor = new Visitor(new Visit(7, "a"), 100, _time);
        visitor.Move(new Position(1, 2));
        visitor.Move(new Position(3, 4));
        Assert.Equal([7, 1, 2, 3, 4], visitor.Take()!);
        Assert.Null(visitor.Take());
    }

    [Fact]
    public void Of_more_moves_than_a_second_may_have_the_newest_position_is_kept_for_later()
    {
        var visitor = new Visitor(new Visit(7, "a"), 10, _time);
        for (ushort i = 0; i < 500; i++)
        {
            visitor.Move(new Position(i, i));
        }

        Assert.Equal(21, visitor.Take()!.Length);
        Assert.Null(visitor.Take());
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal([7, 499, 499], visitor.Take()!);
        _time.Advance(TimeSpan.FromSeconds(60));
        for (ushort i = 0; i < 500; i++)
        {
            visitor.Move(new Position(i, i));
        }

        Assert.Equal(21, visitor.Take()!.Length);
    }

    [Fact]
    public void What_waits_for_a_report_that_is_late_is_bounded()
    {
        var visitor = new Visitor(new Visit(7, "a"), 10, _time);
        for (ushort i = 0; i < 10_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            visitor.Move(new Position(i, i));
        }

        var moves = visitor.Take()!;
        Assert.InRange(moves.Length, 3, 100);
        Assert.Equal(9_999, moves[^1]);
    }
}
