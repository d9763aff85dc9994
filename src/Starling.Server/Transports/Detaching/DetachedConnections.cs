using Microsoft.Extensions.Logging;
using Starling.Server.Sessions;

namespace Starling.Server.Transports.Detaching;

/// <summary>The connections of one listener that go on without HTTP, of which the web server knows nothing any more. Thread-safe.</summary>
internal sealed class DetachedConnections(TimeProvider time, QuietCollection? collection, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly FlushQueue[] _flushes = FlushQueue.Create(Environment.ProcessorCount);
    private readonly HashSet<DetachableConnection> _connections = [];
    private TaskCompletionSource? _empty;
    private uint _lastFlushes;

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    /// <summary>The queue that flushes for the next connection: one for each core, in turn.</summary>
    public FlushQueue NextFlushes() => _flushes[Interlocked.Increment(ref _lastFlushes) % (uint)_flushes.Length];

    /// <summary>Lets a connection go on, once whoever calls has returned.</summary>
    public void Start(DetachableConnection connection)
    {
        lock (_gate)
        {
            _connections.Add(connection);
        }

        collection?.OnHandshake();

        ThreadPool.UnsafeQueueUserWorkItem(
            static connection => _ = connection.GoOnAsync(), connection, preferLocal: false);
    }

    public void Remove(DetachableConnection connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
            if (_connections.Count == 0)
            {
                _empty?.TrySetResult();
            }
        }
    }

    /// <summary>Waits for the connections to end, and cuts those that do not in time, or at once when there is no time.</summary>
    public async Task EndAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task empty;
        lock (_gate)
        {
            if (_connections.Count == 0)
            {
                return;
            }

            _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            empty = _empty.Task;
        }

        await Task.WhenAny(empty, Task.Delay(timeout, time, cancellationToken));
        DetachableConnection[] left;
        lock (_gate)
        {
            left = [.. _connections];
        }

        foreach (var connection in left)
        {
            connection.Abort();
        }

        await empty;
    }
}
