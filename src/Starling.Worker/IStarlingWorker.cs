namespace Starling.Worker;

/// <summary>This process as a worker. Thread-safe.</summary>
public interface IStarlingWorker
{
    /// <summary>Whether sockets to listen on were passed to this process; they are used instead of configured addresses.</summary>
    bool HasPassedSockets { get; }

    /// <summary>
    /// Cancelled when the drain begins: no connection is accepted any more, and what would go on for long should end.
    /// </summary>
    CancellationToken Draining { get; }

    /// <summary>Begins the drain, after which the process ends, as SIGTERM does.</summary>
    void Drain();
}
