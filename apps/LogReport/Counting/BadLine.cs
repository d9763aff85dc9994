namespace Starling.Apps.LogReport.Counting;

/// <summary>A line that does not match the format.</summary>
/// <param name="Source">Index of the file.</param>
/// <param name="Piece">Index of the piece of the file.</param>
/// <param name="Line">Lines of the piece before it.</param>
/// <param name="Offset">Where it begins in the file, decompressed.</param>
/// <param name="Text">Its beginning.</param>
/// <param name="IsTooLong">Whether it is longer than any line may be.</param>
internal sealed record BadLine(int Source, int Piece, long Line, long Offset, byte[] Text, bool IsTooLong);
