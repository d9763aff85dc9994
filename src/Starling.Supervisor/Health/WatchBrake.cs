namespace Starling.Supervisor.Health;

/// <summary>
/// Slows down restarts by watched files that come again and again, as of an application that writes into what it watches. One for each application. Not safe for use
/// by several threads.
/// </summary>
internal sealed class WatchBrake(TimeProvider time)
{
    /// <summary>Restarts within <see cref="Window"/> that are made at once.</summary>
    public const int Free = 5;

    /// <summary>Time within which restarts count.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    private readonly Queue<long> _restarts = new();

    /// <summary>Counts a restart.</summary>
    /// <returns>Wait before it.</returns>
    public TimeSpan Next()
    {
        while (_restarts.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > Window)
        {
            _restarts.Dequeue();
        }

        var extra = _restarts.Count - Free;
        var wait = extra < 0 ? TimeSpan.Zero : First * Math.Pow(2, Math.Min(extra, 10));
        wait = wait < Longest ? wait : Longest;
        _restarts.Enqueue(time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency));
        return wait;
    }
}
