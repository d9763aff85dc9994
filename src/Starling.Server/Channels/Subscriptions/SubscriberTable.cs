using System.Runtime.InteropServices;
using Starling.Protocol.Patterns;
using Starling.Server.Channels.History;

namespace Starling.Server.Channels.Subscriptions;

/// <summary>
/// Who subscribes to what, and the hand-over of publications to those who are live. Thread-safe; its lock lies outside of the history's.
/// </summary>
internal sealed class SubscriberTable(PublicationHistory history, string hubUrl)
{
    private readonly WebUrl? _hubUrl = WebUrl.TryParse(hubUrl, null, out var url) ? url : null;
    private readonly Lock _gate = new();
    private readonly HashSet<Subscriber> _all = [];
    private readonly Dictionary<string, HashSet<Subscriber>> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<TopicMatcher, HashSet<Subscriber>> _patterns = [];
    private readonly List<Subscriber> _dirty = [];
    private Cursor _dispatched = Cursor.Start;
    private long _dispatchedSequence;
    private bool _stopped;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>Adds a subscriber, which is suspended until it has read the history.</summary>
    public void Add(Subscriber subscriber)
    {
        lock (_gate)
        {
            _all.Add(subscriber);
            foreach (var matcher in subscriber.Matchers)
            {
                SetOf(matcher).Add(subscriber);
            }
        }
    }

    /// <summary>Removes a subscriber; the dispatcher does not write to it afterwards, but may still be flushing it.</summary>
    public void Remove(Subscriber subscriber)
    {
        lock (_gate)
        {
            subscriber.Stop();
            _all.Remove(subscriber);
            foreach (var matcher in subscriber.Matchers)
            {
                Remove(matcher, subscriber);
            }
        }
    }

    /// <summary>
    /// Makes a subscriber live if it has read all there is. From then on only the dispatcher may write to it, until it is suspended.
    /// </summary>
    /// <returns>Whether it is live.</returns>
    public bool TryResume(Subscriber subscriber)
    {
        lock (_gate)
        {
            if (_stopped || !history.IsEnd(subscriber.ScannedThrough))
            {
                return false;
            }

            subscriber.Resume();
            return true;
        }
    }

    /// <summary>Completes when a subscriber is suspended again.</summary>
    public Task WhenSuspended(Subscriber subscriber)
    {
        lock (_gate)
        {
            return subscriber.WhenSuspended();
        }
    }

    /// <summary>Hands publications to those who are live, then flushes them. To be called by one thread at a time, in order.</summary>
    /// <returns>How many deliveries there were.</returns>
    public int Dispatch(ReadOnlySpan<Publication> publications)
    {
        var deliveries = 0;
        lock (_gate)
        {
            foreach (var publication in publications)
            {
                deliveries += Offer(publication);
                _dispatched = publication.Cursor;
                _dispatchedSequence = publication.Sequence;
            }
        }

        Flush();
        return deliveries;
    }

    /// <summary>Keeps the connections of idle subscribers alive. By the same thread as <see cref="Dispatch"/>.</summary>
    public void Beat()
    {
        lock (_gate)
        {
            foreach (var subscriber in _all)
            {
                if (subscriber.IsLive && subscriber.Beat(_dispatched))
                {
                    MarkDirty(subscriber);
                }
            }
        }

        Flush();
    }

    /// <summary>Suspends everybody and keeps them so.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (var subscriber in _all)
            {
                subscriber.Stop();
            }
        }
    }

    /// <summary>Whether somebody subscribes to one of several topics.</summary>
    private int Offer(Publication publication)
    {
        var deliveries = 0;
        var topics = publication.Update.Topics;
        for (var i = 0; i < topics.Count; i++)
        {
            if (_exact.TryGetValue(topics[i], out var subscribers))
            {
                deliveries += Offer(subscribers, publication);
            }
        }

        if (_patterns.Count == 0)
        {
            return deliveries;
        }

        // Read once and not by every pattern: there may be one for each subscriber.
        var urls = new WebUrl?[topics.Count];
        for (var i = 0; i < urls.Length; i++)
        {
            urls[i] = WebUrl.TryParse(topics[i], _hubUrl, out var read) ? read : null;
        }

        foreach (var (matcher, subscribers) in _patterns)
        {
            if (matcher.MatchesAny(topics, urls))
            {
                deliveries += Offer(subscribers, publication);
            }
        }

        return deliveries;
    }

    private int Offer(HashSet<Subscriber> subscribers, Publication publication)
    {
        var deliveries = 0;
        foreach (var subscriber in subscribers)
        {
            if (!subscriber.IsLive || subscriber.Offered >= publication.Sequence)
            {
                continue;
            }

            subscriber.Offered = publication.Sequence;
            if (!subscriber.IsNew(publication) || !subscriber.MaySee(publication))
            {
                continue;
            }

            if (!subscriber.Offer(publication))
            {
                subscriber.Suspend(_dispatched, publication.Sequence - 1);
                continue;
            }

            deliveries++;
            MarkDirty(subscriber);
        }

        return deliveries;
    }

    private void MarkDirty(Subscriber subscriber)
    {
        if (!subscriber.IsDirty)
        {
            subscriber.IsDirty = true;
            _dirty.Add(subscriber);
        }
    }

    private void Flush()
    {
        foreach (var subscriber in CollectionsMarshal.AsSpan(_dirty))
        {
            subscriber.IsDirty = false;
            if (!subscriber.Flush())
            {
                lock (_gate)
                {
                    subscriber.Suspend(_dispatched, _dispatchedSequence);
                }
            }
        }

        _dirty.Clear();
    }

    private HashSet<Subscriber> SetOf(TopicMatcher matcher)
    {
        ref var set = ref matcher.OnlyTopic is { } topic
            ? ref CollectionsMarshal.GetValueRefOrAddDefault(_exact, topic, out _)
            : ref CollectionsMarshal.GetValueRefOrAddDefault(_patterns, matcher, out _);
        return set ??= [];
    }

    private void Remove(TopicMatcher matcher, Subscriber subscriber)
    {
        if (matcher.OnlyTopic is { } topic)
        {
            if (_exact.TryGetValue(topic, out var exact) && exact.Remove(subscriber) && exact.Count == 0)
            {
                _exact.Remove(topic);
            }
        }
        else if (_patterns.TryGetValue(matcher, out var pattern) && pattern.Remove(subscriber) && pattern.Count == 0)
        {
            _patterns.Remove(matcher);
        }
    }
}
