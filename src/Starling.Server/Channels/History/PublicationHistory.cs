using System.Diagnostics.CodeAnalysis;

namespace Starling.Server.Channels.History;

/// <summary>
/// What was published, in the order in which this node took it in, bounded for each topic and in all. Also the queue of every subscriber:
/// one that cannot take a publication at once reads it from here later.
/// </summary>
/// <remarks>
/// Owner: the hub. Thread-safe; its lock is the innermost. A read copies a bounded number of publications under the lock, and asks the
/// reader which of them it wants outside of it, one turn after the other.
/// </remarks>
internal sealed class PublicationHistory(ChannelOptions options)
{
    private readonly Lock _gate = new();
    private readonly UpdateShelf _updates = new(options);
    private readonly EventShelf _events = new(options.MaxSubscriptionEvents);
    private readonly EpochTable _epochs = new();

    // Reads of more than a turn leave processors to those who publish and deliver.
    private readonly SemaphoreSlim _scans = new(Math.Max(1, Environment.ProcessorCount / 2));
    private TaskCompletionSource? _newEpoch;
    private long _sequence;

    /// <summary>The position of a client that has had everything.</summary>
    public Cursor Current
    {
        get
        {
            lock (_gate)
            {
                return _epochs.Current;
            }
        }
    }

    /// <summary>The last publication's id, or null.</summary>
    public string? LastId { get; private set; }

    /// <summary>How many updates are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _updates.Count;
            }
        }
    }

    /// <summary>Names an epoch of this node.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="hasEnded">Whether it is one of an earlier process.</param>
    public void AddOwn(string epoch, bool hasEnded = false)
    {
        lock (_gate)
        {
            _epochs.AddOwn(epoch, hasEnded);
        }
    }

    /// <summary>Takes a publication in. False when it is known already.</summary>
    /// <param name="publication">The publication.</param>
    /// <param name="keepsOwnId">Whether subscribers get the id that its publisher chose.</param>
    public bool Append(Publication publication, bool keepsOwnId)
    {
        lock (_gate)
        {
            if (publication.Offset <= _epochs.Current.OffsetOf(publication.Epoch))
            {
                return false;
            }

            MoveTo(publication.Epoch, publication.Offset, publication.Time);
            publication.Place(++_sequence, _epochs.Current, keepsOwnId);
            LastId = publication.Id;
            if (publication.IsEvent)
            {
                _events.Add(publication);
            }
            else
            {
                _updates.Add(publication);
            }

            return true;
        }
    }

    /// <summary>Notes that publications of a known epoch up to an offset are lost.</summary>
    public void Lose(string epoch, long offset, DateTimeOffset time)
    {
        lock (_gate)
        {
            var current = _epochs.Current.OffsetOf(epoch);
            if (current == 0)
            {
                // Every position in it is unknown anyway.
                return;
            }

            if (offset > current)
            {
                MoveTo(epoch, offset, time);
            }

            _updates.Forgotten.Advance(epoch, offset);
            _updates.ForgottenTopics.Advance(epoch, offset);
        }
    }

    /// <summary>Forgets what is older than the history may be.</summary>
    public void ForgetBefore(DateTimeOffset time)
    {
        lock (_gate)
        {
            _updates.ForgetBefore(time);
            _events.ForgetBefore(time);
            while (_epochs.Oldest((epoch, last) => last < time && _updates.CountOf(epoch) == 0) is { } ended)
            {
                Retire(ended);
            }
        }
    }

    /// <summary>Completes with the first publication of the next epoch; null when a cursor names none that is not known.</summary>
    public Task? WhenNewEpoch(Cursor cursor)
    {
        lock (_gate)
        {
            return _epochs.KnowsAll(cursor)
                ? null : (_newEpoch ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Finds the position that an event id stands for: a cursor, or a publisher's own id that is still in the history.</summary>
    public bool TryResolve(string id, [NotNullWhen(true)] out Cursor? cursor)
    {
        lock (_gate)
        {
            cursor = _updates.TryFindId(id, out var publication) ? publication.Cursor : null;
        }

        return cursor is not null || Cursor.TryParse(id, out cursor);
    }

    /// <summary>
    /// Collects what a reader has not seen, in order, until <paramref name="maxBytes"/> are reached, and moves its cursor. Yields the thread
    /// after a bounded amount of work.
    /// </summary>
    /// <param name="reader">Says what it wants.</param>
    /// <param name="into">Gets the publications.</param>
    /// <param name="maxBytes">When to stop; at least one publication is taken.</param>
    /// <param name="cancellationToken">Ends the read between turns.</param>
    public async ValueTask<ReadResult> ReadAsync(
        IHistoryReader reader, List<Publication> into, int maxBytes, CancellationToken cancellationToken)
    {
        var state = new ReadState(reader, into, maxBytes);
        if (await TakeTurnAsync(state, cancellationToken))
        {
            return state.Result;
        }

        while (true)
        {
            await _scans.WaitAsync(cancellationToken);
            try
            {
                await Task.Yield();
                if (await TakeTurnAsync(state, cancellationToken))
                {
                    return state.Result;
                }
            }
            finally
            {
                _scans.Release();
            }
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
    public List<Publication> OfEpoch(string epoch, long after) => [.. All().Where(item => item.Epoch == epoch && item.Offset > after)];

    /// <summary>All that is kept, oldest first.</summary>
    public List<Publication> All()
    {
        lock (_gate)
        {
            return [.. _updates.Order.All.Where(static item => item.Retained > 0), .. _events.Order.All];
        }
    }

    // Returns whether the read is complete.
    private async ValueTask<bool> TakeTurnAsync(ReadState state, CancellationToken cancellationToken)
    {
        var (reader, turn) = (state.Reader, state.Turn);
        lock (_gate)
        {
            Prepare(reader, turn);
        }

        state.From ??= turn.From;
        var gap = turn.Gap ?? (await turn.FindsGapAsync(reader, cancellationToken) ? turn.GapCursor : null);
        if (gap is not null && state.Into.Count > 0)
        {
            // What lies before the gap goes first. The next read finds the gap again.
            return true;
        }

        state.HasGap = gap is not null;
        state.From = gap ?? state.From;
        reader.Cursor = gap ?? turn.From;
        foreach (var publication in turn.Candidates)
        {
            if (reader.Wants(publication) && state.Take(publication))
            {
                reader.ScannedThrough = publication.Sequence;
                reader.Cursor = reader.Cursor.Max(publication.Cursor);
                return true;
            }
        }

        reader.ScannedThrough = turn.ScannedThrough;
        reader.Cursor = reader.Cursor.Max(turn.Cursor);
        return turn.IsLast || state.HasGap;
    }

    private void MoveTo(string epoch, long offset, DateTimeOffset time)
    {
        if (!_epochs.Move(epoch, offset, time))
        {
            return;
        }

        _newEpoch?.SetResult();
        _newEpoch = null;
        if (_epochs.IsFull)
        {
            // First one that costs nothing; else the one that has been quiet for longest, with what is kept of it.
            var oldest = _epochs.Oldest((name, _) => name != epoch && _updates.CountOf(name) == 0) ?? _epochs.Oldest((name, _) => name != epoch);
            if (oldest is not null)
            {
                Retire(oldest);
            }
        }
    }

    private void Retire(string epoch)
    {
        _updates.ForgetAll(epoch);
        _epochs.Retire(epoch, _updates.ForgottenTopics);
        _updates.RemoveNotes(epoch);
        _events.Remove(epoch);
    }

    // Under the lock: copies what the next turn of a read needs.
    private void Prepare(IHistoryReader reader, ReadTurn turn)
    {
        turn.Clear();
        (turn.ScannedThrough, turn.Cursor, turn.From) = (_sequence, _epochs.Current, reader.Cursor);
        if (reader.ScannedThrough == 0)
        {
            turn.From = _epochs.Known(reader.Cursor);
        }

        if (!reader.WantsEarliest)
        {
            FindGap(reader, turn);
        }

        if (reader.Cursor.Covers(_epochs.Current) && turn.Gap is null)
        {
            turn.IsLast = true;
            return;
        }

        turn.Fill(reader, reader.Topics is { } topics ? TopicLists(topics) : [_updates.Order, _events.Order]);
    }

    private void FindGap(IHistoryReader reader, ReadTurn turn)
    {
        var cursor = reader.Cursor;
        var scannedThrough = reader.ScannedThrough;

        // A reader that has read here before has missed only what was forgotten since. Of others the position alone tells what they had.
        if (scannedThrough == 0 && (!_epochs.KnowsAll(cursor) || _epochs.IsBeforeRetired(cursor)
            || _updates.ForgottenTopics.IsAfter(cursor) || (_events.LastForgotten is { } lost && reader.Wants(lost))))
        {
            turn.Gap = GapCursor(cursor);
            return;
        }

        if (_updates.ForgottenSequence <= scannedThrough || !_updates.Forgotten.IsAfter(cursor))
        {
            return;
        }

        if (_updates.ForgottenTopics.IsAfter(cursor))
        {
            turn.Gap = GapCursor(cursor);
        }
        else if (reader.Topics is { } topics)
        {
            turn.Gap = topics.Any(name => _updates.TryFind(name, out var topic)
                && topic.ForgottenSequence > scannedThrough && topic.Forgotten.IsAfter(cursor)) ? GapCursor(cursor) : null;
        }
        else
        {
            turn.Doubtful.AddRange(_updates.TopicsWithGap(scannedThrough, cursor));
            turn.GapCursor = turn.Doubtful.Count > 0 ? GapCursor(cursor) : null;
        }
    }

    private Cursor GapCursor(Cursor cursor) => _updates.Forgotten.Raise(_epochs.Known(cursor));

    private List<PublicationList> TopicLists(IReadOnlyList<string> names)
    {
        var lists = new List<PublicationList>(names.Count + 1) { _events.Order };
        foreach (var name in names)
        {
            if (_updates.TryFind(name, out var topic))
            {
                lists.Add(topic.Publications);
            }
        }

        return lists;
    }
}
