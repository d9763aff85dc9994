namespace Starling.Supervisor.Spawning;

/// <summary>When and why a run ends: by itself, by its time-out, by too much output, or because nobody wants it any more. One for each run.</summary>
internal sealed class RunEnd : IDisposable
{
    /// <summary>How long the streams of a process that has ended are read; its descendants may hold them for as long as they like.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    private readonly ChildProcess _child;
    private readonly RunOptions _limits;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationToken _unwanted;
    private readonly Task<ExitStatus> _end;

    public RunEnd(ChildProcess child, RunOptions limits, CancellationToken unwanted)
    {
        (_child, _limits, _unwanted) = (child, limits, unwanted);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(unwanted);
        if (limits.Timeout is { } timeout)
        {
            _stop.CancelAfter(timeout);
        }

        _end = RunAsync();
    }

    /// <summary>Cancelled when the process has ended and had time for its last words.</summary>
    public CancellationToken Ended => _ended.Token;

    public bool HasTimedOut { get; private set; }

    public bool IsTruncated { get; private set; }

    public void OnTooMuch()
    {
        IsTruncated = true;
        _stop.Cancel();
    }

    public Task<ExitStatus> WaitAsync() => _end;

    public void Dispose()
    {
        _stop.Dispose();
        _ended.Dispose();
    }

    private async Task<ExitStatus> RunAsync()
    {
        try
        {
            await _child.Exited.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            HasTimedOut = !_unwanted.IsCancellationRequested && !IsTruncated;
            await EndAsync(Signals.Parse(_limits.KillSignal));
        }

        var status = await _child.Exited;
        _ended.CancelAfter(LastWords);
        return status;
    }

    private async Task EndAsync(int signal)
    {
        if (_child.Takes(signal))
        {
            await _child.EndTreeAsync(signal, _limits.KillTimeout);
        }
        else
        {
            await _child.KillTreeAsync();
        }
    }
}
