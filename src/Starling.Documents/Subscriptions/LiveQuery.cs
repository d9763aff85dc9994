using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.Subscriptions;

/// <summary>
/// A query whose result is kept up to date: operations of the collection are looked at in batches by a loop of its own; where a document
/// alone tells whether it belongs, only that one is looked at, otherwise the query is run again, once for a batch.
/// </summary>
/// <remarks>Owner: the client's connection. Its list of ids belongs to the loop once it has started.</remarks>
internal sealed class LiveQuery : IDisposable
{
    private readonly QueryRunner _runner;
    private readonly ILiveQueryClient _client;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly WorkLoop<CommittedOperation?> _loop;
    private readonly OperationSubscription _subscription;
    private readonly OperationBacklog _backlog;
    private List<string> _ids;
    private long _lastRun;
    private volatile TaskCompletionSource? _firstRun;

    public LiveQuery(QueryRunner runner, ILiveQueryClient client, TimeProvider time, TimeSpan interval, OperationBacklog backlog)
    {
        _backlog = backlog;
        _runner = runner;
        _client = client;
        _time = time;
        _interval = interval;
        _ids = [];
        _loop = new WorkLoop<CommittedOperation?>(ProcessAsync, client.OnError);
        _subscription = new OperationSubscription(Post, () => _loop.TryPost(null), backlog);
    }

    /// <summary>Begins to listen; what arrives is held until the start.</summary>
    public ValueTask ListenAsync(CollectionFeeds feeds, CancellationToken cancellationToken) =>
        feeds.AddAsync(_runner.Name.Collection, _subscription, cancellationToken);

    /// <summary>Starts from a result that the client has.</summary>
    public void Start(IEnumerable<string> ids)
    {
        _ids = [.. ids];
        _subscription.Start();
    }

    /// <summary>Starts from a result that the client had some time ago: completes when it has been told of the differences.</summary>
    public Task StartAsync(IEnumerable<string> ids)
    {
        _ids = [.. ids];
        _firstRun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _firstRun.Task;
        _loop.TryPost(null);
        _subscription.Start();
        return first;
    }

    public void Dispose() => _subscription.Dispose();

    private void Post(CommittedOperation operation)
    {
        _backlog.Add(operation);
        _loop.TryPost(operation);
    }

    private async Task ProcessAsync(List<CommittedOperation?> batch)
    {
        var known = new HashSet<string>(_ids, StringComparer.Ordinal);
        Exception? failure = null;
        try
        {
            if (_runner.IsIndependent && !batch.Contains(null))
            {
                foreach (var id in batch.Select(operation => operation!.Key.Id).Distinct(StringComparer.Ordinal))
                {
                    await CheckAsync(id);
                }
            }
            else
            {
                await RunAsync();
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        // Whether or not the query could be run: clients count on the operations of the documents that they have.
        foreach (var operation in batch)
        {
            if (operation is not null)
            {
                _backlog.Remove(operation);
            }

            // What a client says that it has is not what it may read.
            if (operation is not null && known.Contains(operation.Key.Id) && await IsReadableAsync(operation.Key.Id))
            {
                _client.OnOperation(operation);
            }
        }

        if (Interlocked.Exchange(ref _firstRun, null) is { } first)
        {
            _ = failure is null ? first.TrySetResult() : first.TrySetException(failure);
        }
        else if (failure is not null)
        {
            _client.OnError(failure);
        }
    }

    private async ValueTask<bool> IsReadableAsync(string id)
    {
        try
        {
            return await _runner.IsReadableAsync(id, CancellationToken.None);
        }
        catch (Exception exception)
        {
            _client.OnError(exception);
            return false;
        }
    }

    private async ValueTask CheckAsync(string id)
    {
        var index = _ids.IndexOf(id);
        var found = await _runner.FindAsync(id, CancellationToken.None);
        if (found is null && index >= 0)
        {
            _ids.RemoveAt(index);
            _client.OnChanges([new ListChange.Remove(index, 1)], new Dictionary<string, DocumentSnapshot>());
        }
        else if (found is not null && index < 0)
        {
            var passed = await _runner.PassAsync([found], CancellationToken.None);
            _ids.Add(id);
            _client.OnChanges(
                [new ListChange.Insert(_ids.Count - 1, [id])],
                new Dictionary<string, DocumentSnapshot>(StringComparer.Ordinal) { [id] = passed[0] });
        }
    }

    private async ValueTask RunAsync()
    {
        var wait = _lastRun == 0 ? TimeSpan.Zero : _interval - _time.GetElapsedTime(_lastRun);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _time);
        }

        _lastRun = _time.GetTimestamp();
        var found = await _runner.FindAsync(CancellationToken.None);
        List<string> ids = [.. found.Select(snapshot => snapshot.Key.Id)];
        var changes = ListDiff.Find(_ids, ids);
        if (changes.Count == 0)
        {
            return;
        }

        var inserted = changes.OfType<ListChange.Insert>().SelectMany(change => change.Ids).ToHashSet(StringComparer.Ordinal);
        var passed = await _runner.PassAsync(found.Where(snapshot => inserted.Contains(snapshot.Key.Id)), CancellationToken.None);
        _ids = ids;
        _client.OnChanges(changes, passed.ToDictionary(snapshot => snapshot.Key.Id, StringComparer.Ordinal));
    }
}
