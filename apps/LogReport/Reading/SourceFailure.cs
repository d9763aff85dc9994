namespace Starling.Apps.LogReport.Reading;

/// <summary>A file that was not read, or not wholly.</summary>
/// <param name="Name">As the user named it.</param>
/// <param name="Message">Why.</param>
internal sealed record SourceFailure(string Name, string Message);
