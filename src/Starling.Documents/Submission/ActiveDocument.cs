using Starling.Documents.Diagnostics;
using Starling.Documents.Storage;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.Submission;

/// <summary>A document that is in use: its newest version and the tail of its log in memory, and the loop that is its one writer.</summary>
/// <remarks>
/// Owner: <see cref="DocumentEngine"/>. Life time: from its first use until it was idle and without subscribers for a while. Everything but
/// <see cref="TryPost"/>, <see cref="TryEvict"/> and the ending of subscriptions belongs to the loop. What is in memory is what was
/// committed: clients never see what might still be lost.
/// </remarks>
internal sealed class ActiveDocument
{
    private const int MaxBatch = 256;

    private readonly DocumentServices _services;
    private readonly WorkLoop<DocumentWork> _loop;
    private readonly OperationTail _tail;
    private readonly DocumentAudience _audience;
    private readonly List<Submission> _submissions = [];
    private IAsyncDisposable? _link;
    private DocumentState? _state;
    private long _lastUsed;
    private long _heldBytes;
    private volatile bool _stale;

    public ActiveDocument(DocumentKey key, DocumentServices services)
    {
        Key = key;
        _services = services;
        _audience = new DocumentAudience(key, services);
        _loop = new WorkLoop<DocumentWork>(ProcessAsync, OnLoopFailed);
        _tail = new OperationTail(services.Options.MaxTailOperations, services.Options.MaxTailBytes);
        _lastUsed = services.Time.GetTimestamp();
    }

    public DocumentKey Key { get; }

    public IDocumentStore Store => _services.Store;

    public SnapshotPolicy Snapshots { get; } = new();

    /// <summary>About how many bytes its content and the tail of its log have; 0 while it is not in memory.</summary>
    public long HeldBytes => Volatile.Read(ref _heldBytes);

    /// <summary>When it was used last.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>The newest version that is known; set while the loop works on anything that needs it.</summary>
    public DocumentState State => _state ?? throw new InvalidOperationException($"{Key} is not loaded.");

    /// <summary>Adds work; false when the document was evicted and another object has taken its place.</summary>
    public bool TryPost(DocumentWork work, bool runHere = false)
    {
        Volatile.Write(ref _lastUsed, _services.Time.GetTimestamp());

        // Where several write, what comes in meanwhile makes a larger batch, whose messages leave together.
        return _loop.TryPost(work, runHere && !_audience.HasSeveral);
    }

    /// <summary>Adds a subscriber, which gets every operation that is committed from now on.</summary>
    public void Add(OperationSubscription subscription) => _audience.Add(subscription);

    /// <summary>The operations from a version on up to <see cref="State"/>, or the first of them where they are many or large.</summary>
    /// <exception cref="DocumentException">Some are no longer kept.</exception>
    public async ValueTask<IReadOnlyList<CommittedOperation>> ReadOperationsAsync(long from, CancellationToken cancellationToken)
    {
        var to = State.Version;
        if (from >= to)
        {
            return [];
        }

        if (_tail.Count > 0 && from >= _tail.First)
        {
            return _tail.From(from).ToArray();
        }

        var tailStart = _tail.Count > 0 ? _tail.First : to;
        var stored = await LogPieces.ReadAsync(Store, Key, from, tailStart, cancellationToken);
        if (stored.Count == 0 || stored[0].Version != from)
        {
            throw new DocumentException(
                DocumentErrors.OperationsNotFound,
                "Op submit failed. DB missing ops needed to transform it up to the current snapshot version");
        }

        var operations = stored.Select(operation => new CommittedOperation(Key, operation, null, Key.Collection));
        return stored.Count == tailStart - from ? [.. operations, .. _tail.From(tailStart)] : [.. operations];
    }

    /// <summary>Makes a committed operation the newest one and tells the subscribers. Does not throw.</summary>
    public void Advance(DocumentState next, CommittedOperation operation, bool isOwn)
    {
        _state = next;
        _tail.Add(operation);
        _audience.Tell(operation);
        if (isOwn)
        {
            _audience.TellOthers(operation);
        }
    }

    private void OnLoopFailed(Exception exception)
    {
        _services.Log.LoopFailed(exception, Key);
        _submissions.Clear();
        MarkStale();
    }

    /// <summary>Takes over what other nodes have committed.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        var before = State.Version;
        await ReadForwardAsync(cancellationToken);
        if (State.Version == before)
        {
            // Somebody else was quicker, but the log does not say so: it was not only appended to. Begin anew.
            await LoadAsync(cancellationToken);
        }
    }

    /// <summary>Tells the other nodes of what was committed here.</summary>
    public ValueTask RelayAsync(CancellationToken cancellationToken) => _audience.RelayAsync(cancellationToken);

    public void MarkStale() => _stale = true;

    /// <summary>Notes that others may have changed the document; where there are subscribers, it is looked up at once. Any thread may call.</summary>
    public void OnChangedElsewhere()
    {
        _stale = true;
        if (_audience.Count > 0)
        {
            _loop.TryPost(NewsWork.Instance);
        }
    }

    /// <summary>Takes the content out of memory, unless the document is in use just now. Any thread may call.</summary>
    public void Unload() => _loop.TryPost(UnloadWork.Instance);

    /// <summary>Ends the document if nobody needs it. One whose stored snapshot is behind is brought up to date first and ends later.</summary>
    public bool TryEvict(TimeSpan idleTime)
    {
        if (_services.Time.GetElapsedTime(Volatile.Read(ref _lastUsed)) < idleTime || _audience.Count > 0)
        {
            return false;
        }

        if (Snapshots.IsBehind)
        {
            _loop.TryPost(new Question<bool>(static (document, token) => document.StoreSnapshotIfBehindAsync(token)));
            return false;
        }

        return _loop.TryEnd(() => _audience.Count == 0 && !Snapshots.IsBehind);
    }

    public ValueTask UnlinkAsync() => _link?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Brings the stored snapshot up to date; false if another node was quicker, whose business it then is.</summary>
    public async ValueTask<bool> StoreSnapshotIfBehindAsync(CancellationToken cancellationToken)
    {
        if (!Snapshots.IsBehind)
        {
            return true;
        }

        var snapshot = State.ToSnapshot();
        var result = await Store.CommitAsync(
            new DocumentCommit { Key = Key, ExpectedVersion = State.Version, Snapshot = snapshot }, cancellationToken);
        Snapshots.Stored(snapshot.Data.Length);
        return result == CommitResult.Committed;
    }

    private async Task ProcessAsync(List<DocumentWork> batch)
    {
        var cancellationToken = CancellationToken.None;
        try
        {
            if (batch.TrueForAll(static work => work is UnloadWork))
            {
                await UnloadAsync(cancellationToken);
                return;
            }

            if (_state is null && batch.TrueForAll(static work => !work.NeedsContent))
            {
                await _audience.TellMissedAsync(cancellationToken);
                return;
            }

            await EnsureCurrentAsync(batch, cancellationToken);
        }
        catch (Exception exception)
        {
            _services.Log.LoadFailed(exception, Key);
            FailAll(batch, exception);
            return;
        }

        try
        {
            await RunAsync(batch, cancellationToken);
        }
        catch (Exception exception)
        {
            OnLoopFailed(exception);
            FailAll(batch, exception);
        }

        CountBytes();
    }

    // Its subscribers stay. The log has what the stored snapshot has not, so it is no harm where that cannot be brought up to date.
    private async ValueTask UnloadAsync(CancellationToken cancellationToken)
    {
        if (_state is null)
        {
            return;
        }

        try
        {
            await StoreSnapshotIfBehindAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            _services.Log.CommitFailed(exception, Key);
        }

        _state = null;
        _tail.Clear();
        CountBytes();
    }

    private void CountBytes()
    {
        var bytes = (_state?.HeldBytes ?? 0) + _tail.Bytes;
        _services.Memory.Change(bytes - _heldBytes);
        Volatile.Write(ref _heldBytes, bytes);
    }

    private async ValueTask RunAsync(List<DocumentWork> batch, CancellationToken cancellationToken)
    {
        foreach (var work in batch)
        {
            if (work is Submission submission)
            {
                _submissions.Add(submission);
                if (_submissions.Count < MaxBatch)
                {
                    continue;
                }
            }

            await FlushAsync(cancellationToken);
            if (work is QuestionWork question)
            {
                await question.RunAsync(this, cancellationToken);
            }
            else if (work is RemoteOperationWork { Operation: var operation })
            {
                await TakeOverAsync(operation, cancellationToken);
            }
        }

        await FlushAsync(cancellationToken);
    }

    // What was answered already stays answered.
    private void FailAll(List<DocumentWork> batch, Exception exception)
    {
        foreach (var work in batch)
        {
            try
            {
                work.Fail(exception);
            }
            catch (Exception second)
            {
                _services.Log.NotDelivered(second, Key);
            }
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_submissions.Count > 0)
        {
            await new SubmissionBatch(this, _services, _submissions).RunAsync(cancellationToken);
            _submissions.Clear();
        }
    }

    private async ValueTask EnsureCurrentAsync(List<DocumentWork> batch, CancellationToken cancellationToken)
    {
        if (_link is null)
        {
            // Before the first read, so that nothing falls between.
            _link = await _services.Relay.SubscribeAsync(Key, OnRemoteOperation, cancellationToken);
        }

        if (_state is null)
        {
            await _services.Memory.EnterLoadAsync();
            try
            {
                await LoadAsync(cancellationToken);
                CountBytes();
            }
            finally
            {
                _services.Memory.LeaveLoad();
            }
        }
        else if (_stale || (!_services.Relay.IsAlone && batch.Exists(work => work.NeedsNewest(State.Version))))
        {
            // A message of another node may be late or lost; the log is not. The mark is taken back before, so that another one is not lost.
            _stale = false;
            try
            {
                await ReadForwardAsync(cancellationToken);
            }
            catch
            {
                _stale = true;
                throw;
            }
        }
    }

    private async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        _tail.Clear();
        _stale = false;
        await _audience.TellMissedAsync(cancellationToken);
        var snapshot = await Store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, cancellationToken);
        _state = DocumentState.Read(snapshot, _services.Types);
        Snapshots.Stored(snapshot.Data.Length);
        await ReadForwardAsync(cancellationToken);
        Snapshots.Appended(0, (int)Math.Min(int.MaxValue, State.Version - snapshot.Version));
        _audience.Loaded(State.Version);
    }

    private async ValueTask ReadForwardAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var operations = await LogPieces.ReadAsync(Store, Key, State.Version, long.MaxValue, cancellationToken);
            foreach (var operation in operations)
            {
                TakeOver(new CommittedOperation(Key, operation, null, Key.Collection));
            }

            if (!LogPieces.IsFull(operations))
            {
                return;
            }
        }
    }

    private void TakeOver(CommittedOperation operation)
    {
        if (operation.Version != State.Version)
        {
            throw new DocumentException(
                DocumentErrors.OperationsNotFound, $"The log of {Key} goes on with version {operation.Version} after {State.Version}");
        }

        Advance(State.Apply(operation, _services.Types), operation, isOwn: false);
    }

    private void OnRemoteOperation(CommittedOperation operation) => _loop.TryPost(new RemoteOperationWork(operation));

    private async ValueTask TakeOverAsync(CommittedOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            if (operation.Version == State.Version)
            {
                TakeOver(operation);
            }
            else if (operation.Version > State.Version)
            {
                // A message was lost or is late; the log has what it told.
                await ReadForwardAsync(cancellationToken);
            }
        }
        catch (Exception exception)
        {
            _services.Log.LoadFailed(exception, Key);
            MarkStale();
        }
    }
}
