namespace Starling.Server.Channels;

/// <summary>
/// Advises polling clients when to call again (<c>callIn</c>): the usual interval, longer when more polls come than the server should
/// serve, and longer with each failure in a row. Thread-safe.
/// </summary>
/// <param name="interval">The usual interval.</param>
/// <param name="targetPerSecond">Polls per second above which the interval grows.</param>
/// <param name="time">The clock.</param>
public sealed class PollAdvisor(TimeSpan interval, int targetPerSecond, TimeProvider time)
{
    private const int MaxFactor = 32;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private long _windowStarted = time.GetTimestamp();
    private int _polls;
    private double _rate;
    private int _failures;

    /// <summary>Counts a poll that went well.</summary>
    /// <returns>Milliseconds until the client should call again.</returns>
    public int AfterSuccess()
    {
        lock (_gate)
        {
            _failures = 0;
            return Advise(Count());
        }
    }

    /// <summary>Counts a poll that failed in a way that may pass.</summary>
    /// <returns>Milliseconds until the client should call again: twice as long with each failure in a row, up to 32 times.</returns>
    public int AfterError()
    {
        lock (_gate)
        {
            _failures = Math.Min(_failures + 1, 5);
            return Advise(Count() * (1 << _failures));
        }
    }

    /// <summary>How many times the usual interval the load asks for; 1 when there is no need to wait longer.</summary>
    /// <returns>The factor.</returns>
    public double LoadFactor()
    {
        lock (_gate)
        {
            return Count();
        }
    }

    private double Count()
    {
        _polls++;
        var elapsed = time.GetElapsedTime(_windowStarted);
        if (elapsed >= Window)
        {
            _rate = _polls / elapsed.TotalSeconds;
            _polls = 0;
            _windowStarted = time.GetTimestamp();
        }

        // A burst is seen before its window ends.
        var rate = Math.Max(_rate, _polls / Window.TotalSeconds);
        return Math.Clamp(rate / targetPerSecond, 1, MaxFactor);
    }

    private int Advise(double factor) => (int)Math.Min(interval.TotalMilliseconds * Math.Min(factor, MaxFactor), int.MaxValue);
}
