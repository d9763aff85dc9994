namespace Starling.Apps.LogReport.Reading;

/// <summary>A part of a file that one worker reads.</summary>
/// <param name="Source">The file.</param>
/// <param name="Index">Its place among the parts of the file.</param>
internal abstract record WorkItem(LogSource Source, int Index);
