using Spectre.Console;
using Spectre.Console.Rendering;
using Starling.Apps.Exchange.Client.Model;

namespace Starling.Apps.Exchange.Client.View;

/// <summary>Draws a view into lines of a given width. The last line of the window, where is typed, is not part of it.</summary>
internal static class Screen
{
    private const int LeastSideWidth = 38;
    private const int MostSideWidth = 60;

    // A border and a space on either side.
    private const int PanelMargin = 4;

    public static IRenderable Draw(ClientView view, int width, int height)
    {
        var panes = Panes.Of(width, height);
        return new Layout().SplitRows(
            new Layout(Head(view, width, panes.Head)).Size(panes.Head),
            panes.IsWide ? Wide(view, width, panes) : Narrow(view, width, panes),
            new Layout(Answers(view, width, panes.Answers)).Size(panes.Answers));
    }

    /// <summary>How many listings are shown at once: a page.</summary>
    public static int Page(int width, int height) => ListingsTable.Rows(Panes.Of(width, height).Table);

    private static Layout Wide(ClientView view, int width, Panes panes)
    {
        var side = Math.Clamp(width / 3, LeastSideWidth, MostSideWidth);
        var holdings = Math.Max(3, panes.Body / 2);
        return new Layout().SplitColumns(
            new Layout(ListingsTable.Draw(view, width - side, panes.Table)),
            new Layout().Size(side).SplitRows(
                new Layout(HoldingsPanel(view, side, holdings)).Size(holdings), new Layout(TradesPanel(view, side, panes.Body - holdings)))).Size(panes.Body);
    }

    private static Layout Narrow(ClientView view, int width, Panes panes)
    {
        var rows = new List<Layout> { new Layout(ListingsTable.Draw(view, width, panes.Table)).Size(panes.Table) };
        if (panes.Own > 0)
        {
            rows.Add(new Layout(Line(Cash(view) + "  " + string.Join("  ", Held(view).Select(item => $"{Markup.Escape(item.Symbol)} {Words.Shares(item.Held)}")))).Size(panes.Own));
        }

        if (panes.Trades > 0)
        {
            rows.Add(new Layout(TradesPanel(view, width, panes.Trades)).Size(panes.Trades));
        }

        return new Layout().SplitRows([.. rows]).Size(panes.Body);
    }

    // A title that is long must not push out how things are.
    private static IRenderable Head(ClientView view, int width, int lines)
    {
        var title = $"[bold]{Markup.Escape(Fit(view.Title, width - (lines == 1 ? 60 : 22)))}[/] {Words.Link(view.Status)}";
        var status = Words.Feed(view.Status);
        return lines == 1 ? Line($"{title}  {status}") : new Rows(Line(title), Line(status));
    }

    private static IEnumerable<Listing> Held(ClientView view) => view.Market.Listings.Where(listing => listing.Held > 0);

    private static string Cash(ClientView view) => view.Market.Cash is { } cash ? $"cash {(cash < 0 ? "[red]" : "[green]")}{Words.Price(cash)}[/]" : "cash -";

    private static Panel HoldingsPanel(ClientView view, int width, int height)
    {
        var held = Held(view).ToArray();
        var shown = held.Length <= height - 3 ? held.Length : Math.Max(0, height - 4);
        List<IRenderable> lines =
        [
            Line(Cash(view)),
            .. held.Take(shown).Select(item => Line(Markup.Escape(
                Fit($"{item.Symbol,-10} {Words.Shares(item.Held),10} {Words.Price(item.Held * item.Price),12}", width - PanelMargin)))),
        ];
        if (shown < held.Length)
        {
            lines.Add(Line($"and {held.Length - shown} more"));
        }

        return new Panel(new Rows(lines)) { Header = new PanelHeader("holdings"), Expand = true };
    }

    private static Panel TradesPanel(ClientView view, int width, int height) =>
        new(new Rows(view.Market.Trades.Take(Math.Max(1, height - 2)).Select(trade => Line(Trade(trade, width - PanelMargin)))))
        {
            Header = new PanelHeader("last trades"),
            Expand = true,
        };

    private static string Trade(FeedTrade trade, int width)
    {
        var start = $"{Words.Time(trade.At)} {Words.Side(trade.IsBuy)} ";
        return start + Markup.Escape(Fit($"{Words.Shares(trade.Shares)} {trade.Symbol} at {Words.Price(trade.Price)}", width - Markup.Remove(start).Length));
    }

    // A long answer takes several lines, and the end of the last one is never what is left out.
    private static Rows Answers(ClientView view, int width, int count) => new(view.Answers.TakeLast(count)
        .SelectMany(answer => Cut(answer.Text, width).Select(text => Line(answer.IsError ? $"[red]{Markup.Escape(text)}[/]" : Markup.Escape(text))))
        .TakeLast(count));

    private static IEnumerable<string> Cut(string text, int width)
    {
        while (text.Length > width)
        {
            var space = text.LastIndexOf(' ', width);
            var end = space > 0 ? space : width;
            yield return text[..end];
            text = text[end..].TrimStart();
        }

        yield return text;
    }

    /// <summary>A text that would break into lines is cut, and shows it.</summary>
    private static string Fit(string text, int width) => text.Length <= width ? text : width > 1 ? text[..(width - 1)] + "…" : "";

    private static Markup Line(string markup) => new Markup(markup).Overflow(Overflow.Ellipsis);
}
