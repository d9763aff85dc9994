namespace Starling.Messaging.Calls;

/// <summary>A call or notification that waits for its batch to be sent. Owner: the batch.</summary>
internal abstract class BatchItem(OutgoingMethod method, object? arguments)
{
    public OutgoingMethod Method { get; } = method;

    public object? Arguments { get; } = arguments;

    /// <summary>What waits for the answer; null for a notification.</summary>
    public abstract PendingCall? Call { get; }

    /// <summary>Longest wait for the answer.</summary>
    public virtual TimeSpan Timeout => TimeSpan.Zero;

    /// <summary>Ends that wait.</summary>
    public virtual CancellationToken Token => default;

    /// <summary>Whether it is the connection that settles it from now on.</summary>
    public bool IsSent { get; set; }

    /// <summary>Makes the call by itself, where there is no wire that a batch could save.</summary>
    /// <returns>When it has been begun.</returns>
    public abstract ValueTask InvokeAsync(RpcPeer peer, CancellationToken cancellationToken);

    /// <summary>Ends it with an error unless it has been sent.</summary>
    public void FailUnsent(Exception error)
    {
        if (!IsSent && Call is { } call)
        {
            IsSent = true;
            call.SettleError(error);
            ThreadPool.UnsafeQueueUserWorkItem(static call => call.Complete(), call, preferLocal: false);
        }
    }
}
