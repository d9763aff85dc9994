using Spectre.Console;
using Spectre.Console.Rendering;
using Starling.Apps.Exchange.Client.Model;

namespace Starling.Apps.Exchange.Client.View;

/// <summary>Draws a view into lines of a given width. The last line, where is typed, is not part of it.</summary>
internal static class Screen
{
    private const int WideEnoughForSides = 96;
    private const int SideWidth = 38;
    private const int MostAnswers = 5;

    /// <summary>What is put in by hand stands below, so a small window keeps the table and gives up the rest.</summary>
    public static IRenderable Draw(ClientView view, int width, int height)
    {
        var answers = Math.Clamp(height / 4, 1, MostAnswers);
        var head = width < WideEnoughForSides ? 2 : 1;
        var body = Math.Max(1, height - head - answers);
        var root = new Layout().SplitRows(
            new Layout(Head(view, head)).Size(head),
            width >= WideEnoughForSides ? Wide(view, width, body) : Narrow(view, width, body),
            new Layout(Answers(view, width, answers)).Size(answers));
        return root;
    }

    /// <summary>How many listings fit: a page.</summary>
    public static int Page(int height) => Math.Max(1, height - 12);

    private static Layout Wide(ClientView view, int width, int height)
    {
        var holdings = Math.Max(3, height / 2);
        return new Layout().SplitColumns(
            new Layout(ListingsTable.Draw(view, width - SideWidth, height)),
            new Layout().Size(SideWidth).SplitRows(
                new Layout(HoldingsPanel(view, holdings)).Size(holdings), new Layout(TradesPanel(view, height - holdings)))).Size(height);
    }

    private static Layout Narrow(ClientView view, int width, int height)
    {
        var trades = height < 12 ? 0 : Math.Min(7, height / 3);
        var own = height < 6 ? 0 : 1;
        var rows = new List<Layout> { new Layout(ListingsTable.Draw(view, width, height - trades - own)).Size(height - trades - own) };
        if (own > 0)
        {
            rows.Add(new Layout(Line(Cash(view) + "  " + string.Join("  ", Held(view).Select(item => $"{Markup.Escape(item.Symbol)} {Words.Shares(item.Held)}")))).Size(own));
        }

        if (trades > 0)
        {
            rows.Add(new Layout(TradesPanel(view, trades)).Size(trades));
        }

        return new Layout().SplitRows([.. rows]).Size(height);
    }

    private static IRenderable Head(ClientView view, int lines)
    {
        var (title, status) = ($"[bold]{Markup.Escape(view.Title)}[/] {Words.Link(view.Status)}", Words.Feed(view.Status));
        return lines == 1 ? Line($"{title}  {status}") : new Rows(Line(title), Line(status));
    }

    private static IEnumerable<Listing> Held(ClientView view) => view.Market.Listings.Where(listing => listing.Held > 0);

    private static string Cash(ClientView view) => view.Market.Cash is { } cash ? $"cash {(cash < 0 ? "[red]" : "[green]")}{Words.Price(cash)}[/]" : "cash -";

    private static Panel HoldingsPanel(ClientView view, int height)
    {
        var held = Held(view).ToArray();
        var shown = held.Length <= height - 3 ? held.Length : Math.Max(0, height - 4);
        List<IRenderable> lines =
        [
            Line(Cash(view)),
            .. held.Take(shown).Select(item => Line($"{Markup.Escape(item.Symbol),-10} {Words.Shares(item.Held),10} {Words.Price(item.Held * item.Price),12}")),
        ];
        if (shown < held.Length)
        {
            lines.Add(Line($"and {held.Length - shown} more"));
        }

        return new Panel(new Rows(lines)) { Header = new PanelHeader("holdings"), Expand = true };
    }

    private static Panel TradesPanel(ClientView view, int height) => new(new Rows(view.Market.Trades.Take(Math.Max(1, height - 2)).Select(trade => Line(
        $"{Words.Time(trade.At)} {Words.Side(trade.IsBuy)} {Words.Shares(trade.Shares)} {Markup.Escape(trade.Symbol)} at {Words.Price(trade.Price)}"))))
    {
        Header = new PanelHeader("last trades"),
        Expand = true,
    };

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

    private static Markup Line(string markup) => new Markup(markup).Overflow(Overflow.Ellipsis);
}
