namespace Starling.Apps.Cache.Fetching;

/// <summary>
/// The time limits of one fetch: the whole, and each wait. Its token also ends when the fetch service does. Used by one reader at a time.
/// </summary>
internal sealed class FetchClock : IDisposable
{
    private readonly FetchLimits _limits;
    private readonly CancellationTokenSource _whole;
    private readonly CancellationTokenSource _wait;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _closing;

    public FetchClock(FetchLimits limits, TimeProvider time, CancellationToken closing)
    {
        _limits = limits;
        _closing = closing;
        _whole = new CancellationTokenSource(limits.MaxTime, time);
        _wait = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_whole.Token, _wait.Token, closing);
    }

    public CancellationToken Token => _either.Token;

    /// <summary>A wait begins.</summary>
    public void Start() => _wait.CancelAfter(_limits.Timeout);

    /// <summary>The wait was not in vain.</summary>
    public void Stop() => _wait.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>The caller wants no more.</summary>
    public CancellationTokenRegistration CancelWith(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _either);

    /// <summary>Why the token was cancelled, when it was not the caller.</summary>
    public Exception? Reason(string host)
    {
        if (_closing.IsCancellationRequested)
        {
            return new Messaging.ConnectionLostException("The fetch service has ended.");
        }

        if (_whole.IsCancellationRequested)
        {
            return new CacheException(CacheError.TimedOut, $"{host} was not done within {_limits.MaxTime.TotalSeconds:0.#} s (--max-time).");
        }

        return _wait.IsCancellationRequested
            ? new CacheException(CacheError.TimedOut, $"{host} sent nothing for {_limits.Timeout.TotalSeconds:0.#} s (--timeout).")
            : null;
    }

    public void Dispose()
    {
        _either.Dispose();
        _wait.Dispose();
        _whole.Dispose();
    }
}
