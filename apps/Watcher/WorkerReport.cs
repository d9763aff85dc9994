namespace Starling.Apps.Watcher;

/// <summary>What a worker tells the master. An empty report says that the worker lives.</summary>
internal sealed record WorkerReport
{
    /// <summary>When the worker sent it, in milliseconds since 1970.</summary>
    public long SentAt { get; init; }

    /// <summary>Whether the worker ends and says nothing more.</summary>
    public bool IsLast { get; init; }

    /// <summary>All visitors of the worker; null in most reports.</summary>
    public IReadOnlyList<Visit>? Present { get; init; }

    /// <summary>Visitors that connected since the last report.</summary>
    public IReadOnlyList<Visit>? Arrived { get; init; }

    /// <summary>Connections that ended since the last report.</summary>
    public IReadOnlyList<int>? Left { get; init; }

    /// <summary>For each connection that moved: its number, then x and y of each position, oldest first.</summary>
    public IReadOnlyList<int[]>? Moves { get; init; }
}
