using System.Collections.Concurrent;
using Starling.Documents.Diagnostics;
using Starling.Documents.Storage;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.Submission;

/// <summary>The documents that are in use on this node. One for each application; thread-safe.</summary>
/// <remarks>A document's object is made when somebody needs it and evicted by a timer when nobody did for a while.</remarks>
internal sealed class DocumentEngine : IDisposable
{
    private readonly DocumentServices _services;
    private readonly ConcurrentDictionary<DocumentKey, ActiveDocument> _active = new();
    private readonly ITimer _sweeper;
    private int _count;
    private int _sweepAt;
    private int _isMakingRoom;

    public DocumentEngine(DocumentServices services)
    {
        _services = services;
        _sweepAt = services.Options.MaxIdleDocuments;
        var period = services.Options.IdleTime / 2;
        _sweeper = services.Time.CreateTimer(static state => ((DocumentEngine)state!).Sweep(), this, period, period);
        services.Metrics.CountActive(() => _active.Count);
        services.Metrics.CountBytes(() => services.Memory.Bytes);
        services.Memory.Exceeded = Unload;
        if (services.Store is ISharedDocumentStore shared)
        {
            shared.ChangedElsewhere += OnChangedElsewhere;
        }
    }

    public DocumentServices Services => _services;

    public int ActiveCount => _active.Count;

    /// <summary>How many bytes the documents in memory have.</summary>
    public long ActiveBytes => _services.Memory.Bytes;

    /// <summary>Hands in an operation. <paramref name="completed"/> is called on the document's loop and must be quick and not throw.</summary>
    /// <param name="request">The operation.</param>
    /// <param name="completed">Told what became of it.</param>
    /// <param name="runHere">
    /// Whether the calling thread may do the document's work if nobody else does it at present; it must hold no lock.
    /// </param>
    public void Submit(SubmissionRequest request, Action<Submission> completed, bool runHere = false) =>
        Post(request.Key, new Submission(request, _services.Types, _services.Options, _services.Time, completed), runHere);

    /// <summary>Hands in an operation.</summary>
    /// <exception cref="DocumentException">It is refused.</exception>
    public async Task<SubmissionOutcome> SubmitAsync(SubmissionRequest request)
    {
        var done = new TaskCompletionSource<Submission>(TaskCreationOptions.RunContinuationsAsynchronously);
        Submit(request, done.SetResult);
        var submission = await done.Task;
        return submission.Refusal is { } refusal
            ? throw new DocumentException(refusal.Code, refusal.Message, refusal)
            : submission.Outcome!;
    }

    /// <summary>The newest version.</summary>
    public Task<DocumentSnapshot> FetchAsync(DocumentKey key) =>
        AskAsync(key, static (document, _) => new ValueTask<DocumentSnapshot>(document.State.ToSnapshot()));

    /// <summary>The newest version, and a subscription that begins with it.</summary>
    public async Task<DocumentSnapshot> SubscribeAsync(DocumentKey key, OperationSubscription subscription) =>
        (await SubscribeAsync(key, subscription, long.MaxValue))!;

    /// <summary>The same; null, and not subscribed, where the document has more bytes than given.</summary>
    public Task<DocumentSnapshot?> SubscribeAsync(DocumentKey key, OperationSubscription subscription, long maxBytes) =>
        AskAsync(key, (document, _) =>
        {
            if (document.State.Size > maxBytes)
            {
                return default;
            }

            document.Add(subscription);
            return new ValueTask<DocumentSnapshot?>(document.State.ToSnapshot());
        });

    /// <summary>The operations from a version on, and a subscription that begins after them. Callers that are far behind read most of them before.</summary>
    public Task<IReadOnlyList<CommittedOperation>> SubscribeAsync(DocumentKey key, long from, OperationSubscription? subscription) =>
        AskAsync<IReadOnlyList<CommittedOperation>>(key, async (document, token) =>
        {
            var operations = new List<CommittedOperation>();
            while (from < document.State.Version)
            {
                operations.AddRange(await document.ReadOperationsAsync(from, token));
                from = operations[^1].Version + 1;
            }

            if (subscription is not null)
            {
                document.Add(subscription);
            }

            return operations;
        });

    /// <summary>The operations from a version on, or the first of them where they are many or large.</summary>
    public Task<IReadOnlyList<CommittedOperation>> ReadOperationsAsync(DocumentKey key, long from) =>
        AskAsync(key, (document, token) => document.ReadOperationsAsync(from, token));

    /// <summary>Answers a question between two commits.</summary>
    public Task<T> AskAsync<T>(DocumentKey key, Func<ActiveDocument, CancellationToken, ValueTask<T>> ask)
    {
        var work = new Question<T>(ask);
        Post(key, work);
        return work.Answer;
    }

    public void Dispose()
    {
        _sweeper.Dispose();
        if (_services.Store is ISharedDocumentStore shared)
        {
            shared.ChangedElsewhere -= OnChangedElsewhere;
        }
    }

    // Which documents were changed is not known. Where a backplane connects the nodes it tells of each operation.
    private void OnChangedElsewhere()
    {
        if (!_services.Relay.IsAlone)
        {
            return;
        }

        foreach (var (_, document) in _active)
        {
            document.OnChangedElsewhere();
        }

        _services.Feeds.Refresh();
    }

    /// <summary>Evicts what is idle.</summary>
    internal void Sweep() => Sweep(_services.Options.IdleTime);

    private void Sweep(TimeSpan idleTime)
    {
        foreach (var (key, document) in _active)
        {
            if (document.TryEvict(idleTime))
            {
                Remove(key, document);
                _ = UnlinkAsync(document);
            }
        }
    }

    // Of several that remove a document one counts.
    private void Remove(DocumentKey key, ActiveDocument document)
    {
        if (_active.TryRemove(new(key, document)))
        {
            _services.Memory.Change(-document.HeldBytes);
            Interlocked.Decrement(ref _count);
        }
    }

    private void Post(DocumentKey key, DocumentWork work, bool runHere = false)
    {
        while (true)
        {
            if (!_active.TryGetValue(key, out var document))
            {
                document = new ActiveDocument(key, _services);
                if (!_active.TryAdd(key, document))
                {
                    continue;
                }

                if (Interlocked.Increment(ref _count) is var count && count > Volatile.Read(ref _sweepAt))
                {
                    MakeRoom(count);
                }
            }

            if (document.TryPost(work, runHere))
            {
                return;
            }

            // Evicted this very moment; whoever evicts removes it too, but need not have come to it yet.
            Remove(key, document);
        }
    }

    // Whoever reads many documents one after the other, there or not, must not fill the memory until the sweeper comes. As long as most of
    // them are subscribed to, looking at all of them is put off until there are twice as many.
    private void MakeRoom(int count)
    {
        Volatile.Write(ref _sweepAt, 2 * count);
        ThreadPool.UnsafeQueueUserWorkItem(
            static engine =>
            {
                engine.Sweep(TimeSpan.Zero);
                Volatile.Write(ref engine._sweepAt, Math.Max(engine._services.Options.MaxIdleDocuments, 2 * Volatile.Read(ref engine._count)));
            },
            this,
            preferLocal: false);
    }

    // Those that were not used for longest first, with subscribers or without: a document is read again when it is used again.
    private void Unload()
    {
        if (Interlocked.Exchange(ref _isMakingRoom, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static engine => engine.UnloadLeastUsed(), this, preferLocal: false);
        }
    }

    private void UnloadLeastUsed()
    {
        Volatile.Write(ref _isMakingRoom, 0);
        var excess = _services.Memory.Excess;
        var held = _active.Select(static pair => (Document: pair.Value, pair.Value.HeldBytes, pair.Value.LastUsed))
            .Where(static item => item.HeldBytes > 0).ToList();
        held.Sort(static (a, b) => a.LastUsed.CompareTo(b.LastUsed));
        for (var i = 0; i < held.Count && excess > 0; i++)
        {
            held[i].Document.Unload();
            excess -= held[i].HeldBytes;
        }
    }

    private async Task UnlinkAsync(ActiveDocument document)
    {
        try
        {
            await document.UnlinkAsync();
        }
        catch (Exception exception)
        {
            _services.Log.RelayFailed(exception, document.Key);
        }
    }
}
