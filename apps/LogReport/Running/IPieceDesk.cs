namespace Starling.Apps.LogReport.Running;

/// <summary>
/// What worker processes call. A piece counts when its report has been taken, and only then: a worker that is gone before has counted nothing, and its
/// piece goes to another.
/// </summary>
internal interface IPieceDesk
{
    /// <summary>Waits for something to do.</summary>
    /// <returns>What to read; null when all is done.</returns>
    Task<Assignment?> NextAsync(CancellationToken cancellationToken);

    /// <summary>Hands in what was read.</summary>
    /// <param name="id">The assignment.</param>
    /// <param name="lines">Lines that were read.</param>
    /// <param name="failure">Why the file could not be read to its end, or null.</param>
    /// <param name="report">The report, as <see cref="Counting.PartialReport.Write"/> writes it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task CompleteAsync(int id, long lines, string? failure, Stream report, CancellationToken cancellationToken);
}
