using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Output;

/// <summary>What there is to show.</summary>
/// <param name="Report">All lines, merged.</param>
/// <param name="Sources">The files that were opened.</param>
/// <param name="Failures">The files that were not, or not wholly, read.</param>
/// <param name="BytesRead">Bytes of the files.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record FinishedReport(
    PartialReport Report, IReadOnlyList<LogSource> Sources, IReadOnlyList<SourceFailure> Failures, long BytesRead, TimeSpan Elapsed)
{
    /// <summary>Name of the file that a line is in.</summary>
    public string FileOf(BadLine line) => Sources[line.Source].Name;

    /// <summary>Number of a line in its file, from 1.</summary>
    public long NumberOf(BadLine line) => Sources[line.Source].Lines.Before(line.Piece) + line.Line + 1;

    /// <summary>Hits by the first digit of their status; 0 for those without one, and for what is no class.</summary>
    public long[] Classes()
    {
        var result = new long[6];
        for (var status = 0; status < Report.Statuses.Length; status++)
        {
            result[status / 100 is var first and <= 5 ? first : 0] += Report.Statuses[status];
        }

        return result;
    }
}
