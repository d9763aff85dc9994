using System.Diagnostics.CodeAnalysis;

namespace Starling.Server.Channels.History;

/// <summary>The updates that are kept, bounded for each topic and in all, and what is known of those that were forgotten.</summary>
/// <remarks>Guarded by the lock of the whole history.</remarks>
internal sealed class UpdateShelf(ChannelOptions options)
{
    private const int MinDead = 1_024;

    private readonly Dictionary<string, TopicHistory> _topics = new(StringComparer.Ordinal);
    private readonly LinkedList<TopicHistory> _emptied = new();
    private readonly Dictionary<string, Publication> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _countByEpoch = new(StringComparer.Ordinal);
    private long _bytes;
    private int _dead;

    /// <summary>All in order; with some that no topic retains.</summary>
    public PublicationList Order { get; } = new();

    public int Count => Order.Count - _dead;

    /// <summary>The last publication of each epoch that was forgotten.</summary>
    public OffsetTable Forgotten { get; } = new();

    /// <summary>The same, of topics of which nothing else is known.</summary>
    public OffsetTable ForgottenTopics { get; } = new();

    /// <summary>The place of the last publication that was forgotten.</summary>
    public long ForgottenSequence { get; private set; }

    /// <summary>Topics of which publications after a place and a cursor were forgotten.</summary>
    public IEnumerable<string> TopicsWithGap(long scannedThrough, Cursor cursor)
    {
        foreach (var topic in _topics.Values)
        {
            if (topic.ForgottenSequence > scannedThrough && topic.Forgotten.IsAfter(cursor))
            {
                yield return topic.Topic;
            }
        }
    }

    public bool TryFind(string topic, [MaybeNullWhen(false)] out TopicHistory history) => _topics.TryGetValue(topic, out history);

    public bool TryFindId(string id, [MaybeNullWhen(false)] out Publication publication) => _byId.TryGetValue(id, out publication);

    public int CountOf(string epoch) => _countByEpoch.GetValueOrDefault(epoch);

    public void Add(Publication publication)
    {
        Order.Add(publication);
        _bytes += publication.Size;
        _countByEpoch[publication.Epoch] = CountOf(publication.Epoch) + 1;

        // Of several with one id the earliest counts, as section 6 of the protocol says.
        if (publication.Update.Id is { } id)
        {
            _byId.TryAdd(id, publication);
        }

        foreach (var topic in publication.Update.Topics)
        {
            Add(topic, publication);
        }

        while (_bytes > options.MaxHistoryBytes && Order.Count > 1)
        {
            ForgetOldest();
        }

        // Those that their topics have forgotten lie behind older ones of other topics, and would stay as long as these.
        if (_dead > MinDead && _dead > Order.Count / 2)
        {
            Order.Compact();
            _dead = 0;
        }
    }

    public void ForgetBefore(DateTimeOffset time)
    {
        while (Order.Count > 0 && (Order.Oldest.Retained == 0 || Order.Oldest.Time < time))
        {
            ForgetOldest();
        }
    }

    /// <summary>Forgets the oldest ones up to the last of an epoch.</summary>
    public void ForgetAll(string epoch)
    {
        while (CountOf(epoch) > 0)
        {
            ForgetOldest();
        }
    }

    /// <summary>Removes all that is noted of an epoch, of which nothing is kept.</summary>
    public void RemoveNotes(string epoch)
    {
        _countByEpoch.Remove(epoch);
        Forgotten.Remove(epoch);
        ForgottenTopics.Remove(epoch);
        foreach (var topic in _topics.Values)
        {
            topic.Forgotten.Remove(epoch);
        }
    }

    private void Add(string name, Publication publication)
    {
        if (!_topics.TryGetValue(name, out var topic))
        {
            _topics[name] = topic = new TopicHistory(name);
        }

        if (topic.Emptied is { } place)
        {
            _emptied.Remove(place);
            topic.Emptied = null;
        }

        topic.Add(publication);
        publication.Retained++;
        while (topic.Publications.Count > options.MaxHistoryCountPerTopic
            || (topic.Bytes > options.MaxHistoryBytesPerTopic && topic.Publications.Count > 1))
        {
            Release(topic.RemoveOldest());
        }
    }

    private void ForgetOldest()
    {
        var oldest = Order.RemoveOldest();
        foreach (var name in oldest.Update.Topics)
        {
            if (oldest.Retained > 0 && _topics.TryGetValue(name, out var topic) && topic.Publications.Count > 0 && topic.Publications.Oldest == oldest)
            {
                Release(topic.RemoveOldest());
                if (topic.Publications.Count == 0)
                {
                    topic.Emptied = _emptied.AddLast(topic);
                }
            }
        }

        _dead--;
        ForgetTopics();
    }

    private void Release(Publication publication)
    {
        Forgotten.Advance(publication.Epoch, publication.Offset);
        ForgottenSequence = Math.Max(ForgottenSequence, publication.Sequence);
        if (--publication.Retained > 0)
        {
            return;
        }

        _dead++;
        _bytes -= publication.Size;
        _countByEpoch[publication.Epoch]--;
        if (publication.Update.Id is { } id && _byId.TryGetValue(id, out var known) && known == publication)
        {
            _byId.Remove(id);
        }
    }

    // A topic without publications is kept for what it says of gaps; of those beyond the limit only their common end is kept.
    private void ForgetTopics()
    {
        while (_emptied.Count > options.MaxEmptyTopics)
        {
            var topic = _emptied.First!.Value;
            _emptied.RemoveFirst();
            topic.Emptied = null;
            _topics.Remove(topic.Topic);
            ForgottenTopics.Advance(topic.Forgotten);
        }
    }
}
