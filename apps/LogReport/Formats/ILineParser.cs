namespace Starling.Apps.LogReport.Formats;

/// <summary>Reads lines of one format. Implementations are structs, so that the loop over lines is compiled for each; one thread uses one.</summary>
internal interface ILineParser
{
    /// <summary>Reads the first of some lines, if that can be done faster than by looking for its end and parsing it.</summary>
    /// <param name="data">Lines; the last one may lack its end.</param>
    /// <param name="record">Set wholly, if the line was read.</param>
    /// <param name="length">Bytes of the line with its end.</param>
    /// <returns>Whether it was read. If not, this says nothing about whether it matches.</returns>
    bool TryReadFirst(ReadOnlySpan<byte> data, ref LogRecord record, out int length);

    /// <param name="line">A line without its end; never longer than <see cref="Reading.LineScanner.MaxLineBytes"/>.</param>
    /// <param name="record">Set wholly, if the line matches.</param>
    /// <returns>Whether the line matches the format.</returns>
    bool TryParse(ReadOnlySpan<byte> line, ref LogRecord record);
}
