using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Starling.Sqlite;

/// <summary>
/// The one writer of a SQLite file: a thread of its own takes all writes that wait and makes them in one transaction, so that many writes
/// share one flush of the disk. A write that fails fails alone, and the writer goes on, also after the disk was full. Thread-safe.
/// </summary>
public sealed class SqliteWriter : IAsyncDisposable
{
    private const int MaxGroup = 1000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly BlockingCollection<Entry> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteSession _session;
    private long _dataVersion;

    /// <summary>Opens the file, which is created if it does not exist, and starts the thread.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prepare">Creates the tables and sets the file's pragmas; runs before the constructor returns.</param>
    /// <exception cref="SqliteException">The file cannot be opened or is not a database.</exception>
    public SqliteWriter(string path, Action<SqliteSession> prepare)
    {
        ArgumentNullException.ThrowIfNull(prepare);
        _session = new SqliteSession(path, isReadOnly: false);
        try
        {
            prepare(_session);
        }
        catch
        {
            _session.Dispose();
            throw;
        }

        new Thread(Run) { IsBackground = true, Name = "SQLite writer" }.Start();
    }

    /// <summary>Raised by the writer's thread, within some 50 ms, when another connection has committed.</summary>
    public event Action? ChangedElsewhere;

    /// <summary>
    /// Runs a write in the order of the calls. The task completes when the write is on the disk, as the file's <c>synchronous</c> pragma
    /// defines it.
    /// </summary>
    /// <typeparam name="T">What the write returns.</typeparam>
    /// <param name="write">
    /// Reads and changes the file, and nothing else: it runs on the writer's thread inside a transaction, and a second time by itself if
    /// the transaction that it shared with others failed.
    /// </param>
    /// <returns>The result of the write. The task fails with what the write threw, or with why the commit failed; nothing is written then.</returns>
    /// <exception cref="ObjectDisposedException">The writer is closed.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var entry = new Entry<T>(write);
        try
        {
            _queue.Add(entry);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteWriter));
        }

        return entry.Done.Task;
    }

    /// <summary>Finishes the writes that wait, then closes the file.</summary>
    /// <returns>Completes when the file is closed.</returns>
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
            if (!TryTake(out var first))
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

    // Looks for the commits of others only while a handler wants to know, and while nothing else is to do.
    private bool TryTake([NotNullWhen(true)] out Entry? entry)
    {
        if (ChangedElsewhere is not { } changed)
        {
            return _queue.TryTake(out entry, Timeout.InfiniteTimeSpan);
        }

        NoticeOthers(changed);
        return _queue.TryTake(out entry, PollInterval);
    }

    // The number changes with the commits of other connections and not with those of this one, which is the only one here that commits.
    private void NoticeOthers(Action changed)
    {
        try
        {
            var version = _session.First("PRAGMA data_version", row => row.GetInt64(0));
            if (_dataVersion != 0 && version != _dataVersion)
            {
                changed();
            }

            _dataVersion = version;
        }
        catch (SqliteException)
        {
            // Asked again soon.
        }
    }

    private void Commit(List<Entry> group)
    {
        try
        {
            Write(group);
        }
        catch (Exception) when (group.Count > 1)
        {
            // One that cannot be made must not take the others with it.
            foreach (var entry in group)
            {
                Commit([entry]);
            }

            return;
        }
        catch (Exception exception)
        {
            group[0].Fail(exception);
            return;
        }

        foreach (var entry in group)
        {
            entry.Succeed();
        }
    }

    private void Write(List<Entry> group)
    {
        _session.Execute("BEGIN IMMEDIATE");
        try
        {
            foreach (var entry in group)
            {
                entry.Write(_session);
            }

            _session.Execute("COMMIT");
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    // After some errors SQLite has rolled back by itself, and doing so again is an error that hides the first.
    private void RollBack()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
        }
    }

    private abstract class Entry
    {
        public abstract void Write(SqliteSession session);

        public abstract void Succeed();

        public abstract void Fail(Exception exception);
    }

    private sealed class Entry<T>(Func<SqliteSession, T> write) : Entry
    {
        private T? _result;

        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Write(SqliteSession session) => _result = write(session);

        public override void Succeed() => Done.SetResult(_result!);

        public override void Fail(Exception exception) => Done.SetException(exception);
    }
}
