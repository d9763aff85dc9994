namespace Starling.Apps.LogReport.Formats;

/// <summary>Reads lines of one format. Implementations are structs, so that the loop over lines is compiled for each; one thread uses one.</summary>
internal interface ILineParser
{
    /// <param name="line">A line without its end; never longer than <see cref="Reading.LineScanner.MaxLineBytes"/>.</param>
    /// <param name="record">Set wholly, if the line matches.</param>
    /// <returns>Whether the line matches the format.</returns>
    bool TryParse(ReadOnlySpan<byte> line, ref LogRecord record);
}
