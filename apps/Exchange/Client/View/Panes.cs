namespace Starling.Apps.Exchange.Client.View;

/// <summary>
/// How many lines each part of the picture has. What is put in by hand stands below, so a small window keeps the table and gives up the rest.
/// </summary>
/// <param name="IsWide">Whether holdings and trades stand beside the table.</param>
/// <param name="Head">Who is signed in where, and how it is.</param>
/// <param name="Body">The table, with what stands beside or below it.</param>
/// <param name="Own">The own holdings below the table.</param>
/// <param name="Trades">The last trades below the table.</param>
/// <param name="Answers">What was said and answered.</param>
internal readonly record struct Panes(bool IsWide, int Head, int Body, int Own, int Trades, int Answers)
{
    private const int WideEnoughForSides = 96;
    private const int MostAnswers = 5;

    /// <summary>The table.</summary>
    public int Table => Body - Own - Trades;

    /// <summary>The parts of a picture of this size.</summary>
    public static Panes Of(int width, int height)
    {
        var isWide = width >= WideEnoughForSides;
        var answers = Math.Clamp(height / 4, 1, MostAnswers);
        var head = isWide ? 1 : 2;
        var body = Math.Max(1, height - head - answers);
        return new Panes(
            isWide, head, body, Own: isWide || body < 6 ? 0 : 1, Trades: isWide || body < 12 ? 0 : Math.Min(7, body / 3), answers);
    }
}
