namespace Starling.Messaging.Threads;

/// <summary>What a worker knows of itself.</summary>
public sealed class WorkerContext
{
    internal WorkerContext(string name, SynchronizationContext scheduler, CancellationToken stopping)
    {
        Name = name;
        Scheduler = scheduler;
        Stopping = stopping;
    }

    /// <summary>Name of the thread.</summary>
    public string Name { get; }

    /// <summary>
    /// Runs code on the worker's thread. As <see cref="MessagingOptions.HandlerContext"/> of a server it makes the server's handlers run there,
    /// one at a time.
    /// </summary>
    public SynchronizationContext Scheduler { get; }

    /// <summary>Cancelled when the worker shall end.</summary>
    public CancellationToken Stopping { get; }
}
