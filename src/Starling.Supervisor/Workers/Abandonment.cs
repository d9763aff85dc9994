namespace Starling.Supervisor.Workers;

/// <summary>
/// Lets a worker that waits until its process is ready stop waiting, because the worker is to stop. Without it a stop would wait as long as the start. Owned by the
/// worker; safe for use by several threads.
/// </summary>
internal sealed class Abandonment
{
    private readonly Lock _lock = new();
    private int _wanted;
    private CancellationTokenSource _source = new();

    /// <summary>Cancelled while a stop waits for its turn.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_lock)
            {
                return _source.Token;
            }
        }
    }

    /// <summary>Says that a stop waits for its turn; to be followed by <see cref="End"/>.</summary>
    public void Begin()
    {
        CancellationTokenSource source;
        lock (_lock)
        {
            _wanted++;
            source = _source;
        }

        source.Cancel();
    }

    /// <summary>Says that the stop has its turn.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (--_wanted == 0)
            {
                _source = new CancellationTokenSource();
            }
        }
    }
}
