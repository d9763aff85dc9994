namespace Starling.Apps.LogReport.Reading;

/// <summary>Whole lines of a stream, in a buffer of the pool that whoever reads them gives back.</summary>
/// <param name="Source">The file.</param>
/// <param name="Index">Its place among the chunks of the stream.</param>
/// <param name="Offset">Where it begins in the stream.</param>
/// <param name="Buffer">The buffer.</param>
/// <param name="Length">Bytes of the buffer that are of use.</param>
internal sealed record StreamChunk(LogSource Source, int Index, long Offset, byte[] Buffer, int Length) : WorkItem(Source, Index);
