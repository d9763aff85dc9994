namespace Starling.Apps.Watcher.Watching;

/// <summary>A worker's process as the master knows it. Owner: <see cref="Watch"/>, whose lock guards it.</summary>
internal sealed class WatchedWorker(int number, int pid)
{
    public int Number => number;

    public int Pid => pid;

    public DateTimeOffset HeardAt { get; set; }

    /// <summary>Its connections by number, and whose they are.</summary>
    public Dictionary<int, WatchedVisitor> Connections { get; } = [];

    /// <summary>Connections beyond the number of visitors that are followed.</summary>
    public HashSet<int> Unseen { get; } = [];
}
