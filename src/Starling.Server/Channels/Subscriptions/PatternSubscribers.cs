namespace Starling.Server.Channels.Subscriptions;

/// <summary>The subscribers of one pattern. Changed under the table's lock; the dispatcher compares topics outside of it.</summary>
internal sealed class PatternSubscribers(TopicMatcher matcher)
{
    private volatile int _privileged;

    public TopicMatcher Matcher { get; } = matcher;

    /// <summary>To be read under the table's lock.</summary>
    public HashSet<Subscriber> Subscribers { get; } = [];

    /// <summary>Whether one of them may read private updates. Where none may, a private update need not be compared with the pattern.</summary>
    public bool HasPrivileged => _privileged > 0;

    public void Add(Subscriber subscriber)
    {
        if (Subscribers.Add(subscriber) && subscriber.Access.MayReadAny)
        {
            _privileged++;
        }
    }

    public void Remove(Subscriber subscriber)
    {
        if (Subscribers.Remove(subscriber) && subscriber.Access.MayReadAny)
        {
            _privileged--;
        }
    }
}
