namespace Starling.Apps.LogReport.Reading;

/// <summary>The lines of a plain file that begin within some bytes of it; the last one may end behind them.</summary>
/// <param name="Source">The file.</param>
/// <param name="Index">Its place among the pieces of the file.</param>
/// <param name="Start">First byte at which a line may begin.</param>
/// <param name="End">First byte at which none may.</param>
internal sealed record FilePiece(LogSource Source, int Index, long Start, long End) : WorkItem(Source, Index)
{
    /// <summary>Splits a file into pieces of about equal size.</summary>
    /// <param name="source">The file.</param>
    /// <param name="size">Bytes of a piece.</param>
    public static IEnumerable<FilePiece> Split(LogSource source, long size)
    {
        var index = 0;
        for (var start = 0L; start < source.Length; start += size)
        {
            yield return new FilePiece(source, index++, start, Math.Min(start + size, source.Length));
        }
    }
}
