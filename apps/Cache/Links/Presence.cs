namespace Starling.Apps.Cache.Links;

/// <summary>Whether the other side is there. Thread-safe.</summary>
internal sealed class Presence
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isThere;

    public void Set(bool isThere)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _isThere = isThere;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    /// <summary>Returns when the other side has been away for so long, or the token is cancelled.</summary>
    public async Task WaitForLossAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (isThere, changed) = Read();
            try
            {
                await changed.WaitAsync(isThere ? Timeout.InfiniteTimeSpan : patience, time, cancellationToken);
            }
            catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                return;
            }
        }
    }

    private (bool IsThere, Task Changed) Read()
    {
        lock (_gate)
        {
            return (_isThere, _changed.Task);
        }
    }
}
