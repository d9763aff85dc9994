using Starling.Apps.Watcher;
using Starling.Apps.Watcher.Visiting;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Watcher;

public sealed class VisitorTableTests
{
    private readonly VisitorTable _table = new(new WatcherOptions { MaxVisitorsPerWorker = 3 }, new ManualTime());

    [Fact]
    public void The_first_report_names_all_visitors_and_later_ones_what_changed()
    {
        Assert.Empty(_table.TakeReport()!.Present!);
        Assert.Null(_table.TakeReport());
        var ada = _table.Add("ada")!;
        var report = _table.TakeReport()!;
        Assert.Null(report.Present);
        Assert.Equal("ada", Assert.Single(report.Arrived!).Visitor);
        _table.Remove(ada);
        Assert.Equal([ada.Visit.Connection], _table.TakeReport()!.Left!);
    }

    [Fact]
    public void A_master_that_asks_is_told_who_is_here()
    {
        _table.Add("ada");
        _table.TakeReport();
        _table.RequestPresence();
        Assert.Equal("ada", Assert.Single(_table.TakeReport()!.Present!).Visitor);
    }

    [Fact]
    public void More_visitors_than_allowed_are_refused_until_one_leaves()
    {
        var first = _table.Add("1")!;
        Assert.NotNull(_table.Add("2"));
        Assert.NotNull(_table.Add("3"));
        Assert.Null(_table.Add("4"));
        _table.Remove(first);
        Assert.NotNull(_table.Add("4"));
    }

    [Fact]
    public void Arrivals_that_cannot_be_reported_do_not_pile_up()
    {
        _table.TakeReport();
        for (var i = 0; i < 1_000; i++)
        {
            _table.Remove(_table.Add("x")!);
        }

        var last = _table.Add("last")!;
        var report = _table.TakeReport()!;
        Assert.Equal([last.Visit], report.Present!);
        Assert.True((report.Arrived?.Count ?? 0) + (report.Left?.Count ?? 0) < 10);
    }
}
