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

    private readonly BlockingCollection<Entry> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteSession _session;

    public SqliteWriter(string path)
    {
        _session = new SqliteSession(path, isReadOnly: false);
        Schema.Create(_session);
        new Thread(Run) { IsBackground = true, Name = "SQLite writer" }.Start();
    }

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
        foreach (var first in _queue.GetConsumingEnumerable())
        {
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
