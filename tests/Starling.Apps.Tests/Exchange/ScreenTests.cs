using Spectre.Console;
using Starling.Apps.Exchange.Client.Model;
using Starling.Apps.Exchange.Client.View;

namespace Starling.Apps.Tests.Exchange;

/// <summary>The picture of the market, in windows of every size.</summary>
public sealed class ScreenTests
{
    private static readonly ClientStatus Live = new(LinkState.Connected, null, "live", IsStale: false, Recovered: 0, Lost: 0);

    [Theory]
    [InlineData(40, 10, 4)]
    [InlineData(24, 5, 1)]
    [InlineData(40, 16, 8)]
    [InlineData(80, 24, 9)]
    [InlineData(120, 40, 12)]
    [InlineData(200, 60, 12)]
    public void The_table_has_what_room_there_is_and_no_line_breaks(int width, int height, int least)
    {
        var lines = Draw(width, height, Enumerable.Range(0, 12).Select(i => new Listing($"SYMBOL{i:00}", 1_000 + i, 12.5m, 12.5m, null, i)));
        Assert.True(lines.Length <= height, $"{lines.Length} lines do not fit into {height}.");
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        var rows = lines.Count(line => line.Contains("SYMBOL", StringComparison.Ordinal) && line.Contains(" 1,0", StringComparison.Ordinal));
        Assert.True(rows >= least, $"Only {rows} listings are shown:\n{string.Join('\n', lines)}");
    }

    [Theory]
    [InlineData("3", "3.00")]
    [InlineData("12.5", "12.50")]
    [InlineData("3.1234", "3.1234")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("999999999.125", "999,999,999.125")]
    public void A_price_is_shown_as_it_is(string price, string shown)
    {
        var value = decimal.Parse(price, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(shown, Words.Price(value));
        Assert.Contains(shown, string.Join('\n', Draw(120, 40, [new Listing("ACME", 1, value, value, null, 1)])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 24)]
    [InlineData(200, 60)]
    public void Large_numbers_break_no_line_of_the_panels(int width, int height)
    {
        var trades = Enumerable.Range(0, 30).Select(i => new FeedTrade(30 - i, "GAMMAGAMMA", IsBuy: true, 1_000_000_000_000, 999_999_999.9999m, DateTimeOffset.UnixEpoch));
        Listing[] listings = [new("GAMMAGAMMA", 0, 999_999_999.9999m, 1, null, 1_000_000_000_000), new("LAST", 0, 1, 1, null, 7)];
        var lines = Draw(width, height, listings, [.. trades]);
        Assert.DoesNotContain(lines, line => line.Contains("at 999", StringComparison.Ordinal) && !line.Contains("BUY", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("│ LAST                7 ", StringComparison.Ordinal));
        var first = Array.FindIndex(lines, line => line.Contains("last trades", StringComparison.Ordinal));
        Assert.Contains("BUY", lines[first + 1], StringComparison.Ordinal);
        Assert.Contains("BUY", lines[first + 2], StringComparison.Ordinal);
    }

    private static string[] Draw(int width, int height, IEnumerable<Listing> listings, IReadOnlyList<FeedTrade>? trades = null)
    {
        var view = new ClientView("ada@127.0.0.1:7000", new MarketView([.. listings], trades ?? [], -75), Live, [new Answer("Type help.", IsError: false)], Scroll: 0);
        var drawn = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(drawn) });
        (console.Profile.Width, console.Profile.Height) = (width, height - 1);
        console.Profile.Capabilities.Unicode = true;
        console.Write(Screen.Draw(view, width, height - 1));
        return drawn.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }
}
