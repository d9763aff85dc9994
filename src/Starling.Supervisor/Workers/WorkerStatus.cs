namespace Starling.Supervisor.Workers;

/// <summary>What a worker does.</summary>
public enum WorkerStatus
{
    /// <summary>It does not run and will not by itself.</summary>
    Stopped,

    /// <summary>Its process has started and is not ready yet.</summary>
    Starting,

    /// <summary>It runs and is ready.</summary>
    Online,

    /// <summary>It was told to stop and finishes what it has begun.</summary>
    Draining,

    /// <summary>It ended and will be started again after a pause.</summary>
    WaitingRestart,

    /// <summary>It was given up: it cannot be started, or ended too often.</summary>
    Errored,
}
