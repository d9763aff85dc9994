namespace Starling.Apps.Watcher.Watching;

/// <summary>What happened.</summary>
internal enum VisitEventKind
{
    /// <summary>A visitor came.</summary>
    Arrived,

    /// <summary>A visitor's connection ended; it may come back.</summary>
    Away,

    /// <summary>A visitor that was known connected again.</summary>
    Returned,

    /// <summary>A visitor did not come back.</summary>
    Left,

    /// <summary>A worker's process reported for the first time.</summary>
    WorkerUp,

    /// <summary>A worker's process ended in order, to be stopped or replaced.</summary>
    WorkerEnded,

    /// <summary>A worker's process says nothing any more.</summary>
    WorkerLost,
}
