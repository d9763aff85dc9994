namespace Starling.Apps.LogReport.Running;

/// <summary>A piece that a worker process has read.</summary>
/// <param name="Assignment">The piece.</param>
/// <param name="Lines">Lines that were read.</param>
/// <param name="Failure">Why the file could not be read to its end, or empty.</param>
internal sealed record FinishedPiece(Assignment Assignment, long Lines, string Failure);
