namespace Starling.Documents.Submission;

/// <summary>
/// Handles items one batch at a time in the order they were posted: a loop that exists only while there is something to do, and takes no
/// thread while it waits. Thread-safe.
/// </summary>
/// <param name="process">Handles a batch; should not throw.</param>
/// <param name="failed">Told what it has thrown all the same; the loop goes on with what comes next.</param>
internal sealed class WorkLoop<T>(Func<List<T>, Task> process, Action<Exception> failed)
{
    private readonly Lock _gate = new();
    private List<T> _waiting = [];
    private List<T> _batch = [];
    private bool _running;
    private bool _ended;

    /// <summary>Adds an item; false when the loop has ended.</summary>
    /// <param name="item">The item.</param>
    /// <param name="runHere">
    /// Whether the calling thread handles the item itself if the loop does not run, which saves the way to another thread. The caller must
    /// hold no lock.
    /// </param>
    public bool TryPost(T item, bool runHere = false)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return false;
            }

            _waiting.Add(item);
            if (_running)
            {
                return true;
            }

            _running = true;
        }

        if (runHere)
        {
            _ = RunOnceAsync();
        }
        else
        {
            RunElsewhere();
        }

        return true;
    }

    /// <summary>Ends the loop if it has nothing to do and the condition, asked under its lock, holds.</summary>
    public bool TryEnd(Func<bool> condition)
    {
        lock (_gate)
        {
            if (_ended || _running || _waiting.Count > 0 || !condition())
            {
                return false;
            }

            _ended = true;
            return true;
        }
    }

    private void RunElsewhere() => ThreadPool.UnsafeQueueUserWorkItem(static loop => _ = loop.RunAsync(), this, preferLocal: true);

    private async Task RunAsync()
    {
        while (TryTakeBatch())
        {
            await ProcessAsync();
        }
    }

    // What others post meanwhile is not the business of the thread that was lent.
    private async Task RunOnceAsync()
    {
        if (TryTakeBatch())
        {
            await ProcessAsync();
            RunElsewhereIfNeeded();
        }
    }

    private async Task ProcessAsync()
    {
        try
        {
            await process(_batch);
        }
        catch (Exception exception)
        {
            failed(exception);
        }
    }

    private void RunElsewhereIfNeeded()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _running = false;
                return;
            }
        }

        RunElsewhere();
    }

    private bool TryTakeBatch()
    {
        _batch.Clear();
        lock (_gate)
        {
            _running = _waiting.Count > 0;
            (_waiting, _batch) = (_batch, _waiting);
            return _running;
        }
    }
}
