namespace Starling.Messaging.Diagnostics;

/// <summary>Something with queues whose lengths are measured when somebody looks, which costs the queues nothing.</summary>
internal interface IQueueOwner
{
    long QueuedRequests { get; }

    long PendingCalls { get; }

    long QueuedBytes { get; }
}
