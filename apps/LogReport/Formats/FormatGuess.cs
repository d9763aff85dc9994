using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Formats;

/// <summary>Guesses how a log is written from how it begins.</summary>
internal static class FormatGuess
{
    /// <summary>Bytes that are looked at.</summary>
    public const int Sample = 64 * 1024;

    // Timed before combined: a time at the end of the line is something that combined would skip.
    private static readonly LogFormat[] Candidates = [LogFormat.Timed, LogFormat.Combined, LogFormat.Common, LogFormat.Json];

    /// <returns>The format that most of the lines match; null if none matches any.</returns>
    public static LogFormat? Of(ReadOnlySpan<byte> beginning)
    {
        if (beginning.Length >= Sample && beginning[..Sample].LastIndexOf((byte)'\n') is > 0 and var end)
        {
            beginning = beginning[..end];
        }

        var best = default(LogFormat?);
        var most = 0L;
        foreach (var format in Candidates)
        {
            var report = new PartialReport(topCapacity: 2);
            LineScanner.Create(format, new ReportSettings(), report).Scan(beginning, 0);
            if (report.Hits > most)
            {
                most = report.Hits;
                best = format;
            }
        }

        return best;
    }
}
