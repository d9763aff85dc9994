using System.Collections.Concurrent;
using Starling.Documents.Storage;

namespace Starling.Sqlite;

/// <summary>
/// The one writer: a thread of its own takes all commits that wait, of whatever documents, and makes them in one transaction, so that many
/// documents share one flush of the disk.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MaxGroup = 1000;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly BlockingCollection<Entry> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteSession _session;
    private long _dataVersion;

    public SqliteWriter(string path)
    {
        _session = new SqliteSession(path, isReadOnly: false);
        Schema.Create(_session);
        new Thread(Run) { IsBackground = true, Name = "SQLite writer" }.Start();
    }

    /// <summary>Raised by the writer's thread when another connection has committed.</summary>
    public event Action? ChangedElsewhere;

    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public Task<CommitResult> CommitAsync(DocumentCommit commit)
    {
        var entry = new Entry(commit);
        try
        {
            _queue.Add(entry);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteDocumentStore));
        }

        return entry.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        await _ended.Task;
    }

    private void Run()
    {
        var group = new List<Entry>();
        while (!_queue.IsCompleted)
        {
            NoticeOthers();
            if (!_queue.TryTake(out var first, PollInterval))
            {
                continue;
            }

            group.Add(first);
            while (group.Count < MaxGroup && _queue.TryTake(out var next))
            {
                group.Add(next);
            }

            Commit(group);
            group.Clear();
        }

        _session.Dispose();
        _ended.SetResult();
    }

    // The number changes with the commits of other connections and not with those of this one, which is the only one here that commits.
    private void NoticeOthers()
    {
        if (ChangedElsewhere is not { } changed)
        {
            return;
        }

        try
        {
            var version = _session.First("PRAGMA data_version", row => row.GetInt64(0));
            if (_dataVersion != 0 && version != _dataVersion)
            {
                changed();
            }

            _dataVersion = version;
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // Asked again soon.
        }
    }

    private void Commit(List<Entry> group)
    {
        try
        {
            var results = Write(group);
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Done.SetResult(results[i]);
            }
        }
        catch (Exception) when (group.Count > 1)
        {
            // One that cannot be made must not take the others with it.
            foreach (var entry in group)
            {
                Commit([entry]);
            }
        }
        catch (Exception exception)
        {
            group[0].Done.SetException(exception);
        }
    }

    private CommitResult[] Write(List<Entry> group)
    {
        _session.Execute("BEGIN IMMEDIATE");
        try
        {
            CommitResult[] results = [.. group.Select(entry => CommitWriter.Write(_session, entry.Commit))];
            _session.Execute("COMMIT");
            return results;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    // After some errors SQLite has rolled back of itself, and doing so again is an error that hides the first.
    private void RollBack()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
        }
    }

    private sealed class Entry(DocumentCommit commit)
    {
        public DocumentCommit Commit { get; } = commit;

        public TaskCompletionSource<CommitResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
