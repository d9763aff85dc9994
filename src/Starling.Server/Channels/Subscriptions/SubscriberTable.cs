using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Starling.Protocol.Patterns;
using Starling.Server.Channels.History;
using Starling.Server.Diagnostics;

namespace Starling.Server.Channels.Subscriptions;

/// <summary>
/// Who subscribes to what, and the hand-over of publications to those who are live. Thread-safe; its lock lies outside of the history's.
/// </summary>
/// <remarks>
/// Patterns are compared with topics outside of the lock, so that the patterns of one client do not hold up those who come and go. A
/// subscriber that is added meanwhile misses nothing: it becomes live only after it has read all that is in the history, and every
/// publication is there before it is dispatched.
/// </remarks>
internal sealed class SubscriberTable(PublicationHistory history, string hubUrl, ILogger logger)
{
    private readonly WebUrl? _hubUrl = WebUrl.TryParse(hubUrl, null, out var url) ? url : null;
    private readonly Lock _gate = new();
    private readonly HashSet<Subscriber> _all = [];
    private readonly Dictionary<string, HashSet<Subscriber>> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<TopicMatcher, PatternSubscribers> _patterns = [];

    // By the dispatcher only: the patterns that matched each publication of a batch, one after the other, and where those of each end.
    private readonly List<PatternSubscribers> _matched = [];
    private readonly List<int> _matchedEnds = [];
    private readonly List<Subscriber> _dirty = [];
    private PatternSubscribers[]? _patternList = [];
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
                Add(matcher, subscriber);
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
        Match(publications);
        var deliveries = 0;
        lock (_gate)
        {
            var matched = 0;
            for (var i = 0; i < publications.Length; i++)
            {
                var publication = publications[i];
                var topics = publication.Update.Topics;
                for (var j = 0; j < topics.Count; j++)
                {
                    if (_exact.TryGetValue(topics[j], out var subscribers))
                    {
                        deliveries += Offer(subscribers, publication);
                    }
                }

                for (var end = _matchedEnds.Count > 0 ? _matchedEnds[i] : 0; matched < end; matched++)
                {
                    deliveries += Offer(_matched[matched].Subscribers, publication);
                }

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
                if (subscriber.IsLive && TryBeat(subscriber))
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

    // Outside of the lock.
    private void Match(ReadOnlySpan<Publication> publications)
    {
        _matched.Clear();
        _matchedEnds.Clear();
        var patterns = Patterns();
        if (patterns.Length == 0)
        {
            return;
        }

        foreach (var publication in publications)
        {
            // Read once and not by every pattern: there may be one for each subscriber.
            var topics = publication.Update.Topics;
            var urls = new WebUrl?[topics.Count];
            for (var i = 0; i < urls.Length; i++)
            {
                urls[i] = WebUrl.TryParse(topics[i], _hubUrl, out var read) ? read : null;
            }

            foreach (var pattern in patterns)
            {
                if ((pattern.HasPrivileged || !publication.Update.IsPrivate) && pattern.Matcher.MatchesAny(topics, urls))
                {
                    _matched.Add(pattern);
                }
            }

            _matchedEnds.Add(_matched.Count);
        }
    }

    private PatternSubscribers[] Patterns()
    {
        lock (_gate)
        {
            return _patternList ??= [.. _patterns.Values];
        }
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

            if (!TryOffer(subscriber, publication))
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
            if (!TryFlush(subscriber))
            {
                lock (_gate)
                {
                    subscriber.Suspend(_dispatched, _dispatchedSequence);
                }
            }
        }

        _dirty.Clear();
    }

    // A subscriber that throws must not cost the others their share. It reads from the history then, and meets its fault in its own loop.
    private bool TryOffer(Subscriber subscriber, Publication publication)
    {
        try
        {
            return subscriber.Offer(publication);
        }
        catch (Exception exception)
        {
            logger.DispatchFailed(exception);
            return false;
        }
    }

    private bool TryFlush(Subscriber subscriber)
    {
        try
        {
            return subscriber.Flush();
        }
        catch (Exception exception)
        {
            logger.DispatchFailed(exception);
            return false;
        }
    }

    private bool TryBeat(Subscriber subscriber)
    {
        try
        {
            return subscriber.Beat(_dispatched);
        }
        catch (Exception exception)
        {
            logger.DispatchFailed(exception);
            subscriber.Suspend(_dispatched, _dispatchedSequence);
            return false;
        }
    }

    private void Add(TopicMatcher matcher, Subscriber subscriber)
    {
        if (matcher.OnlyTopic is { } topic)
        {
            ref var set = ref CollectionsMarshal.GetValueRefOrAddDefault(_exact, topic, out _);
            (set ??= []).Add(subscriber);
            return;
        }

        ref var pattern = ref CollectionsMarshal.GetValueRefOrAddDefault(_patterns, matcher, out var isKnown);
        (pattern ??= new PatternSubscribers(matcher)).Add(subscriber);
        _patternList = isKnown ? _patternList : null;
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
        else if (_patterns.TryGetValue(matcher, out var pattern))
        {
            pattern.Remove(subscriber);
            if (pattern.Subscribers.Count == 0)
            {
                _patterns.Remove(matcher);
                _patternList = null;
            }
        }
    }
}
