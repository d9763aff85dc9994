namespace Starling.Documents.ShareDb;

/// <summary>Counts the requests of one connection that are worked on, and their bytes. The read loop enters; any thread leaves.</summary>
internal sealed class RequestSlots(int maxCount, int maxBytes)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiting;
    private int _waitingBytes;
    private int _count;
    private long _bytes;

    /// <summary>Waits until there is room. One caller at a time.</summary>
    public ValueTask EnterAsync(int bytes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (TryEnter(bytes))
            {
                return ValueTask.CompletedTask;
            }

            _waitingBytes = bytes;
            _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_waiting.Task.WaitAsync(cancellationToken));
        }
    }

    public void Leave(int bytes)
    {
        lock (_gate)
        {
            _count--;
            _bytes -= bytes;
            if (_waiting is { } waiting && TryEnter(_waitingBytes))
            {
                _waiting = null;
                waiting.SetResult();
            }
        }
    }

    private bool TryEnter(int bytes)
    {
        if (_count > 0 && (_count >= maxCount || _bytes + bytes > maxBytes))
        {
            return false;
        }

        _count++;
        _bytes += bytes;
        return true;
    }
}
