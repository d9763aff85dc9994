namespace Starling.Documents.Submission;

/// <summary>
/// Handles items one batch at a time in the order they were posted: a loop that exists only while there is something to do, and takes no
/// thread while it waits. Thread-safe.
/// </summary>
/// <param name="process">Handles a batch; must not throw.</param>
internal sealed class WorkLoop<T>(Func<List<T>, Task> process)
{
    private readonly Lock _gate = new();
    private List<T> _waiting = [];
    private bool _running;
    private bool _ended;

    /// <summary>Adds an item; false when the loop has ended.</summary>
    public bool TryPost(T item)
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

        ThreadPool.UnsafeQueueUserWorkItem(static loop => _ = loop.RunAsync(), this, preferLocal: true);
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

    private async Task RunAsync()
    {
        var batch = new List<T>();
        while (true)
        {
            batch.Clear();
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _running = false;
                    return;
                }

                (_waiting, batch) = (batch, _waiting);
            }

            await process(batch);
        }
    }
}
