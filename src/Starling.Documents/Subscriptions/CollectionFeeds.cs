using Starling.Documents.Submission;

namespace Starling.Documents.Subscriptions;

/// <summary>Tells live queries of every operation in their collection, made here or on another node. Thread-safe.</summary>
internal sealed class CollectionFeeds(OperationRelay relay)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Feed> _feeds = new(StringComparer.Ordinal);

    /// <summary>Adds a subscriber; it gets every operation from the time this completes, in no particular order between documents.</summary>
    public async ValueTask AddAsync(string collection, OperationSubscription subscription, CancellationToken cancellationToken)
    {
        Feed feed;
        lock (_gate)
        {
            if (!_feeds.TryGetValue(collection, out feed!))
            {
                _feeds[collection] = feed = new Feed(relay.SubscribeAsync(collection, operation => Publish(operation), cancellationToken).AsTask());
            }

            feed.Subscribers.Add(subscription);
        }

        subscription.OnEnd(() => Remove(collection, feed, subscription));
        await feed.Link;
    }

    /// <summary>The subscribers of a collection, or null for none.</summary>
    public SubscriberList? Subscribers(string collection)
    {
        lock (_gate)
        {
            return _feeds.GetValueOrDefault(collection)?.Subscribers;
        }
    }

    /// <summary>Tells all subscribers that they may have missed something.</summary>
    public void Refresh()
    {
        OperationSubscription[] subscriptions;
        lock (_gate)
        {
            subscriptions = [.. _feeds.Values.SelectMany(feed => feed.Subscribers.Snapshot())];
        }

        foreach (var subscription in subscriptions)
        {
            subscription.OnMissed();
        }
    }

    private void Publish(CommittedOperation operation)
    {
        foreach (var subscriber in Subscribers(operation.Key.Collection)?.Snapshot() ?? [])
        {
            subscriber.OnOperation(operation);
        }
    }

    private void Remove(string collection, Feed feed, OperationSubscription subscription)
    {
        lock (_gate)
        {
            feed.Subscribers.Remove(subscription);
            if (feed.Subscribers.Count > 0 || _feeds.GetValueOrDefault(collection) != feed)
            {
                return;
            }

            _feeds.Remove(collection);
        }

        _ = UnlinkAsync(feed.Link);
    }

    // A link that was never made needs no unmaking; the subscriber was told.
    private static async Task UnlinkAsync(Task<IAsyncDisposable> link)
    {
        await link.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (link.IsCompletedSuccessfully)
        {
            await (await link).DisposeAsync();
        }
    }

    private sealed class Feed(Task<IAsyncDisposable> link)
    {
        public Task<IAsyncDisposable> Link { get; } = link;

        public SubscriberList Subscribers { get; } = new();
    }
}
