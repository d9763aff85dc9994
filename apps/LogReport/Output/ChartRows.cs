using Starling.Apps.LogReport.Counting;

namespace Starling.Apps.LogReport.Output;

/// <summary>The chart of hits over time with as many rows as fit on a screen.</summary>
/// <param name="Minutes">Minutes of a row.</param>
/// <param name="Rows">Start and hits of each row, without gaps.</param>
internal sealed record ChartRows(long Minutes, IReadOnlyList<(DateTimeOffset Time, long Hits)> Rows)
{
    private const int MostRows = 40;
    private const int BarWidth = 40;
    private static readonly long[] Steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];

    public static ChartRows Of(MinuteChart chart)
    {
        var steps = chart.Steps();
        if (steps.Count == 0)
        {
            return new ChartRows(1, []);
        }

        var first = steps[0].Key / 60;
        var last = steps[^1].Key / 60;
        var minutes = Steps.FirstOrDefault(step => step >= chart.StepMinutes && (last / step) - (first / step) < MostRows);
        for (minutes = minutes == 0 ? Math.Max(1440, chart.StepMinutes) : minutes; (last / minutes) - (first / minutes) >= MostRows;)
        {
            minutes *= 2;
        }

        var start = first / minutes;
        var hits = new long[(last / minutes) - start + 1];
        foreach (var (seconds, count) in steps)
        {
            hits[(seconds / 60 / minutes) - start] += count;
        }

        return new ChartRows(minutes, [.. hits.Select((count, i) => (DateTimeOffset.UnixEpoch.AddMinutes((start + i) * minutes), count))]);
    }

    /// <summary>A bar, to the eighth of a character.</summary>
    public static string Bar(long hits, long most)
    {
        var eighths = most == 0 ? 0 : (int)Math.Ceiling(hits * 8.0 * BarWidth / most);
        return new string('█', eighths / 8) + (eighths % 8 == 0 ? "" : (char)('█' + (8 - (eighths % 8))));
    }
}
