using System.Collections.Concurrent;

namespace Starling.Sqlite;

/// <summary>A few threads that read, each with a connection of its own, since SQLite's reads wait for the disk.</summary>
internal sealed class SqliteReaders : IAsyncDisposable
{
    private readonly BlockingCollection<Action<SqliteSession>> _queue = [];
    private readonly Task[] _ended;

    public SqliteReaders(string path, int count)
    {
        _ended = [.. Enumerable.Range(1, count).Select(n => Start(path, n))];
    }

    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> read)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _queue.Add(session =>
            {
                try
                {
                    done.SetResult(read(session));
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            });
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteDocumentStore));
        }

        return done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        await Task.WhenAll(_ended);
    }

    private Task Start(string path, int number)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var session = new SqliteSession(path, isReadOnly: true);
        var thread = new Thread(() =>
        {
            foreach (var read in _queue.GetConsumingEnumerable())
            {
                read(session);
            }

            session.Dispose();
            ended.SetResult();
        });
        thread.IsBackground = true;
        thread.Name = "SQLite reader " + number;
        thread.Start();
        return ended.Task;
    }
}
