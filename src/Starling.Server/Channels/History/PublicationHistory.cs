using System.Diagnostics.CodeAnalysis;

namespace Starling.Server.Channels.History;

/// <summary>
/// What was published, in the order in which this node took it in, bounded for each topic and in all. Also the queue of every subscriber:
/// one that cannot take a publication at once reads it from here later.
/// </summary>
/// <remarks>Owner: the hub. Thread-safe; its lock is the innermost and is held for short copies and scans only.</remarks>
internal sealed class PublicationHistory(ChannelOptions options)
{
    private readonly Lock _gate = new();
    private readonly Queue<Publication> _order = [];
    private readonly Dictionary<string, TopicHistory> _topics = new(StringComparer.Ordinal);
    private readonly Queue<TopicHistory> _emptied = [];
    private readonly Dictionary<string, Publication> _byId = new(StringComparer.Ordinal);
    private readonly OffsetTable _forgotten = new();
    private readonly OffsetTable _forgottenTopics = new();
    private Cursor _current = Cursor.Start;
    private TaskCompletionSource? _newEpoch;
    private long _sequence;
    private long _bytes;

    /// <summary>The position of a client that has had everything.</summary>
    public Cursor Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>The last publication's id, or null.</summary>
    public string? LastId { get; private set; }

    /// <summary>How many publications are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _order.Count;
            }
        }
    }

    /// <summary>Takes a publication in. False when it is known already.</summary>
    /// <param name="publication">The publication.</param>
    /// <param name="keepsOwnId">Whether subscribers get the id that its publisher chose.</param>
    public bool Append(Publication publication, bool keepsOwnId)
    {
        lock (_gate)
        {
            if (publication.Offset <= _current.OffsetOf(publication.Epoch))
            {
                return false;
            }

            MoveTo(publication.Epoch, publication.Offset);
            publication.Place(++_sequence, _current, keepsOwnId);
            LastId = publication.Id;
            _order.Enqueue(publication);
            _bytes += publication.Size;
            foreach (var topic in publication.Update.Topics)
            {
                Add(topic, publication);
            }

            if (publication.Update.Id is { } id)
            {
                // Of several with one id the earliest counts, as section 6 of the protocol says.
                _byId.TryAdd(id, publication);
            }

            while (_bytes > options.MaxHistoryBytes && _order.Count > 1)
            {
                ForgetOldest();
            }

            return true;
        }
    }

    /// <summary>Takes an epoch's numbering up where it stood, when its publications are not known.</summary>
    public void Adopt(string epoch, long offset)
    {
        lock (_gate)
        {
            if (offset > _current.OffsetOf(epoch))
            {
                MoveTo(epoch, offset);
                _forgotten.Advance(epoch, offset);
                _forgottenTopics.Advance(epoch, offset);
            }
        }
    }

    /// <summary>Forgets what is older than the history may be.</summary>
    public void ForgetBefore(DateTimeOffset time)
    {
        lock (_gate)
        {
            while (_order.TryPeek(out var oldest) && (oldest.Time < time || oldest.Retained == 0))
            {
                ForgetOldest();
            }
        }
    }

    /// <summary>Completes with the first publication of the next epoch; null when a cursor names none that is not known.</summary>
    public Task? WhenNewEpoch(Cursor cursor)
    {
        lock (_gate)
        {
            return KnowsAll(cursor)
                ? null : (_newEpoch ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Finds the position that an event id stands for: a cursor, or a publisher's own id that is still in the history.</summary>
    public bool TryResolve(string id, [NotNullWhen(true)] out Cursor? cursor)
    {
        lock (_gate)
        {
            cursor = _byId.TryGetValue(id, out var publication) ? publication.Cursor : null;
        }

        return cursor is not null || Cursor.TryParse(id, out cursor);
    }

    /// <summary>
    /// Collects what a reader has not seen, in order, until <paramref name="maxBytes"/> are reached, and moves its cursor.
    /// </summary>
    /// <param name="reader">Says what it wants.</param>
    /// <param name="into">Gets the publications.</param>
    /// <param name="maxBytes">When to stop; at least one publication is taken.</param>
    public ReadResult Read(IHistoryReader reader, List<Publication> into, int maxBytes)
    {
        lock (_gate)
        {
            var gap = HasGap(reader) ? _forgotten.Raise(Known(reader.Cursor)) : null;
            reader.Cursor = gap ?? reader.Cursor;

            var end = reader.Topics is { } topics ? Collect(reader, topics, into, maxBytes) : CollectAll(reader, into, maxBytes);
            reader.ScannedThrough = end?.Sequence ?? _sequence;
            reader.Cursor = reader.Cursor.Max(end?.Cursor ?? _current);
            return new ReadResult(gap, IsAtEnd: end is null || end.Sequence == _sequence);
        }
    }

    /// <summary>Whether nothing lies after a place in this node's order.</summary>
    public bool IsEnd(long sequence)
    {
        lock (_gate)
        {
            return sequence >= _sequence;
        }
    }

    /// <summary>All that is kept of what one node published, oldest first, for nodes that missed it.</summary>
    public List<Publication> OfEpoch(string epoch, long after)
    {
        lock (_gate)
        {
            return [.. _order.Where(item => item.Retained > 0 && item.Epoch == epoch && item.Offset > after)];
        }
    }

    /// <summary>All that is kept, oldest first.</summary>
    public List<Publication> All()
    {
        lock (_gate)
        {
            return [.. _order.Where(item => item.Retained > 0)];
        }
    }

    private void Add(string name, Publication publication)
    {
        if (!_topics.TryGetValue(name, out var topic))
        {
            _topics[name] = topic = new TopicHistory(name);
        }

        topic.Add(publication);
        publication.Retained++;
        while (topic.Count > options.MaxHistoryCountPerTopic || (topic.Bytes > options.MaxHistoryBytesPerTopic && topic.Count > 1))
        {
            Release(topic.RemoveOldest());
        }
    }

    private void ForgetOldest()
    {
        var oldest = _order.Dequeue();
        if (oldest.Retained == 0)
        {
            return;
        }

        foreach (var name in oldest.Update.Topics)
        {
            if (_topics.TryGetValue(name, out var topic) && topic.Count > 0 && topic.Oldest == oldest)
            {
                Release(topic.RemoveOldest());
                if (topic.Count == 0)
                {
                    _emptied.Enqueue(topic);
                    ForgetTopics();
                }
            }
        }
    }

    private void Release(Publication publication)
    {
        _forgotten.Advance(publication.Epoch, publication.Offset);
        if (--publication.Retained > 0)
        {
            return;
        }

        _bytes -= publication.Size;
        if (publication.Update.Id is { } id && _byId.TryGetValue(id, out var known) && known == publication)
        {
            _byId.Remove(id);
        }

        while (_order.TryPeek(out var oldest) && oldest.Retained == 0)
        {
            _order.Dequeue();
        }
    }

    // A topic without publications is kept for what it says of gaps; of those beyond the limit only their common end is kept.
    private void ForgetTopics()
    {
        while (_emptied.Count > options.MaxEmptyTopics)
        {
            var topic = _emptied.Dequeue();
            if (topic.Count == 0 && _topics.Remove(topic.Topic))
            {
                _forgottenTopics.Advance(topic.Forgotten);
            }
        }
    }

    private bool HasGap(IHistoryReader reader)
    {
        var cursor = reader.Cursor;
        if (reader.WantsEarliest)
        {
            return false;
        }

        if (!KnowsAll(cursor))
        {
            return true;
        }

        if (!_forgotten.IsAfter(cursor))
        {
            return false;
        }

        if (_forgottenTopics.IsAfter(cursor))
        {
            return true;
        }

        if (reader.Topics is { } topics)
        {
            return topics.Any(name => _topics.TryGetValue(name, out var topic) && topic.Forgotten.IsAfter(cursor));
        }

        return _topics.Values.Any(topic => topic.Forgotten.IsAfter(cursor) && reader.WantsTopic(topic.Topic));
    }

    private void MoveTo(string epoch, long offset)
    {
        if (_current.OffsetOf(epoch) == 0)
        {
            _newEpoch?.SetResult();
            _newEpoch = null;
        }

        _current = _current.With(epoch, offset);
    }

    private bool KnowsAll(Cursor cursor)
    {
        foreach (var (epoch, _) in cursor.Positions)
        {
            if (_current.OffsetOf(epoch) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private Cursor Known(Cursor cursor)
    {
        var known = Cursor.Start;
        foreach (var (epoch, offset) in cursor.Positions)
        {
            if (_current.OffsetOf(epoch) > 0)
            {
                known = known.With(epoch, offset);
            }
        }

        return known;
    }

    private static Publication? CollectAll(IHistoryReader reader, IEnumerable<Publication> source, List<Publication> into, int maxBytes)
    {
        var bytes = 0;
        foreach (var publication in source)
        {
            if (publication.Sequence <= reader.ScannedThrough || publication.Retained == 0 || !reader.Wants(publication))
            {
                continue;
            }

            into.Add(publication);
            bytes += publication.Size;
            if (bytes >= maxBytes)
            {
                return publication;
            }
        }

        return null;
    }

    private Publication? CollectAll(IHistoryReader reader, List<Publication> into, int maxBytes) =>
        CollectAll(reader, _order, into, maxBytes);

    private Publication? Collect(IHistoryReader reader, IReadOnlyList<string> names, List<Publication> into, int maxBytes) =>
        CollectAll(reader, Merge(names, reader.ScannedThrough), into, maxBytes);

    // The histories of several topics as one, in order, without the doubles of publications that concern several of them.
    private IEnumerable<Publication> Merge(IReadOnlyList<string> names, long after)
    {
        var cursors = new List<(TopicHistory Topic, int Index)>();
        foreach (var name in names)
        {
            if (_topics.TryGetValue(name, out var topic))
            {
                cursors.Add((topic, topic.IndexAfter(after)));
            }
        }

        while (true)
        {
            Publication? next = null;
            foreach (var (topic, index) in cursors)
            {
                if (topic.At(index) is { } candidate && (next is null || candidate.Sequence < next.Sequence))
                {
                    next = candidate;
                }
            }

            if (next is null)
            {
                yield break;
            }

            yield return next;
            for (var i = 0; i < cursors.Count; i++)
            {
                if (cursors[i].Topic.At(cursors[i].Index) == next)
                {
                    cursors[i] = (cursors[i].Topic, cursors[i].Index + 1);
                }
            }
        }
    }
}
