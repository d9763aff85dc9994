using Spectre.Console;
using Spectre.Console.Rendering;
using Starling.Apps.Exchange.Client.Model;

namespace Starling.Apps.Exchange.Client.View;

/// <summary>The table of all listings. Where there is little width it leaves the less important columns out, so that no line breaks.</summary>
internal static class ListingsTable
{
    private const int LeastColumns = 2;

    // Below it the four lines that borders and titles take are worth more as listings.
    private const int EnoughForBorders = 12;

    private static readonly (string Title, Func<Listing, string> Cell)[] Columns =
    [
        ("symbol", listing => Markup.Escape(listing.Symbol)),
        ("left", listing => Words.Shares(listing.Available)),
        ("price", listing => Words.Price(listing.Price)),
        ("change", listing => Words.Change(listing.Change)),
        ("last trade", listing => Words.Time(listing.LastTrade)),
    ];

    /// <summary>How many listings there is room for.</summary>
    public static int Rows(int height) => HasBorders(height) ? height - 4 : HasTitles(height) ? height - 1 : Math.Max(1, height);

    public static IRenderable Draw(ClientView view, int width, int height)
    {
        if (view.Market.Listings.Count == 0)
        {
            return new Markup(view.Market.Cash is null ? "[dim]The books have not been read yet.[/]" : "[dim]Nothing is listed.[/]");
        }

        var room = Rows(height);
        var first = Math.Clamp(view.Scroll, 0, Math.Max(0, view.Market.Listings.Count - room));
        var listings = view.Market.Listings.Skip(first).Take(room).ToArray();
        var table = new Table { Border = HasBorders(height) ? TableBorder.Rounded : TableBorder.None, ShowHeaders = HasTitles(height) };
        var used = 1;
        foreach (var (title, cell) in Columns)
        {
            // A space on either side, and a border.
            used += Math.Max(title.Length, listings.Max(listing => Markup.Remove(cell(listing)).Length)) + 3;
            if (used > width && table.Columns.Count >= LeastColumns)
            {
                break;
            }

            var column = new TableColumn(title) { NoWrap = true };
            table.AddColumn(table.Columns.Count == 0 ? column : column.RightAligned());
        }

        foreach (var listing in listings)
        {
            table.AddRow(Columns.Take(table.Columns.Count).Select(column => new Markup(column.Cell(listing)).Overflow(Overflow.Ellipsis)));
        }

        return table;
    }

    private static bool HasBorders(int height) => height >= EnoughForBorders;

    private static bool HasTitles(int height) => height > 2;
}
