namespace Starling.Documents.Subscriptions;

/// <summary>Subscribers of one thing. Thread-safe; publishing reads an array that is made anew only after a change.</summary>
internal sealed class SubscriberList
{
    private readonly Lock _gate = new();
    private readonly HashSet<OperationSubscription> _subscribers = [];
    private OperationSubscription[]? _snapshot = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _subscribers.Count;
            }
        }
    }

    /// <summary>Whether there is more than one, as of a moment ago.</summary>
    public bool HasSeveral => _snapshot is { Length: > 1 };

    public void Add(OperationSubscription subscription)
    {
        lock (_gate)
        {
            _subscribers.Add(subscription);
            _snapshot = null;
        }
    }

    public void Remove(OperationSubscription subscription)
    {
        lock (_gate)
        {
            _subscribers.Remove(subscription);
            _snapshot = null;
        }
    }

    public OperationSubscription[] Snapshot()
    {
        lock (_gate)
        {
            return _snapshot ??= [.. _subscribers];
        }
    }
}
