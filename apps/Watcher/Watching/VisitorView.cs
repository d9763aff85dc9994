namespace Starling.Apps.Watcher.Watching;

/// <summary>A visitor as the admin's page gets it.</summary>
/// <param name="Number">Number of the visitor in this run of the master.</param>
/// <param name="Name">Short name, the same after a restart of the master.</param>
/// <param name="ArrivedAt">When the visitor was seen first.</param>
/// <param name="Worker">Number of the worker that it is, or was last, connected to.</param>
/// <param name="Pid">Id of that worker's process.</param>
/// <param name="IsHere">Whether it is connected.</param>
internal sealed record VisitorView(int Number, string Name, DateTimeOffset ArrivedAt, int Worker, int Pid, bool IsHere)
{
    /// <summary>When it moved last.</summary>
    public DateTimeOffset? MovedAt { get; init; }

    /// <summary>Its last positions, x and y in turn, oldest first; null where only the visitor is told of.</summary>
    public int[]? Trail { get; init; }
}
