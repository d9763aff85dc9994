using System.Globalization;
using System.Text.RegularExpressions;

namespace Starling.EndToEnd.Tests.Supervising;

public sealed partial class MonitTests
{
    [Fact]
    public async Task A_window_that_shrinks_is_drawn_again_as_a_whole()
    {
        await using var home = new SupervisorHome();
        await home.DoAsync("start", home.Write("ticker.js", "let n = 0; setInterval(() => console.log('tick', ++n), 100);"), "--name", "first");
        await using var terminal = await home.TerminalAsync("monit");
        await terminal.WaitForAsync(text => text.Contains("first (0)", StringComparison.Ordinal) && Ticks(text) > 0, "the log");
        await terminal.ResizeAsync(90, 16);

        // After two more drawings nothing of the former one is left.
        var shown = Ticks(await terminal.ScreenAsync());
        await terminal.WaitForAsync(text => Ticks(text) > shown + 15, "two drawings");
        await terminal.WaitForAsync(text => Times(text, "q quit") == 1 && Times(text, "first (0)") == 1 && text.TrimEnd().Split('\n').Length <= 16, "one screen");
        await terminal.TypeAsync("q");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    private static int Times(string text, string part) => text.Split(part).Length - 1;

    private static int Ticks(string text) => Tick().Matches(text).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();

    [GeneratedRegex(@"tick (\d+)")]
    private static partial Regex Tick();
}
