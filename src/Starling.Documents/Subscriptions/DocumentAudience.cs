using Starling.Documents.Diagnostics;
using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.Subscriptions;

/// <summary>
/// All who are told of a document's operations: its subscribers, each operation once and in order, whether the document's content is in memory or
/// not; live queries and other nodes.
/// </summary>
/// <remarks>Adding, removing and counting are thread-safe; telling belongs to the document's loop.</remarks>
internal sealed class DocumentAudience(DocumentKey key, DocumentServices services)
{
    private readonly SubscriberList _subscribers = new();
    private readonly List<CommittedOperation> _toRelay = [];
    private long _next;

    public int Count => _subscribers.Count;

    /// <summary>Whether there is more than one, as of a moment ago.</summary>
    public bool HasSeveral => _subscribers.HasSeveral;

    public void Add(OperationSubscription subscription)
    {
        _subscribers.Add(subscription);
        subscription.OnEnd(() => _subscribers.Remove(subscription));
    }

    /// <summary>Tells of an operation, unless the subscribers have been told of it.</summary>
    public void Tell(CommittedOperation operation)
    {
        if (operation.Version >= _next)
        {
            _next = operation.Version + 1;
            Tell(_subscribers, operation);
        }
    }

    /// <summary>Tells live queries of an operation that was committed here, and the other nodes at the next <see cref="RelayAsync"/>.</summary>
    public void TellOthers(CommittedOperation operation)
    {
        Tell(services.Feeds.Subscribers(operation.Key.Collection), operation);
        if (!services.Relay.IsAlone)
        {
            _toRelay.Add(operation);
        }
    }

    /// <summary>Tells the other nodes.</summary>
    public async ValueTask RelayAsync(CancellationToken cancellationToken)
    {
        if (_toRelay.Count == 0)
        {
            return;
        }

        try
        {
            foreach (var operation in _toRelay)
            {
                await services.Relay.PublishAsync(operation, cancellationToken);
            }
        }
        catch (Exception exception)
        {
            services.Log.RelayFailed(exception, key);
        }

        _toRelay.Clear();
    }

    /// <summary>Notes that a version was loaded: subscribers need no operation before it that they were not told of.</summary>
    public void Loaded(long version) => _next = version;

    /// <summary>Tells of the operations in the log that the subscribers were not told of.</summary>
    public async ValueTask TellMissedAsync(CancellationToken cancellationToken)
    {
        while (_subscribers.Count > 0)
        {
            var operations = await LogPieces.ReadAsync(services.Store, key, _next, long.MaxValue, cancellationToken);
            if (operations.Count == 0)
            {
                return;
            }

            foreach (var operation in operations)
            {
                Tell(new CommittedOperation(key, operation, null, key.Collection));
            }
        }
    }

    // One subscriber that fails costs the others nothing.
    private void Tell(SubscriberList? subscribers, CommittedOperation operation)
    {
        foreach (var subscriber in subscribers?.Snapshot() ?? [])
        {
            try
            {
                subscriber.OnOperation(operation);
            }
            catch (Exception exception)
            {
                services.Log.NotDelivered(exception, key);
            }
        }
    }
}
