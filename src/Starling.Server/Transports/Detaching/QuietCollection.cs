using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Transports.Detaching;

/// <summary>
/// Collects the garbage of many handshakes once the process is quiet: no client has come for two seconds, and hardly any processor time was
/// used. Where garbage is made, the collector does that by itself; an idle process does not allocate and would keep it.
/// </summary>
/// <remarks>One a process is enough. Thread-safe. Its timer runs only while a collection is due.</remarks>
internal sealed class QuietCollection : IDisposable
{
    /// <summary>So many handshakes leave some 10 MB.</summary>
    internal const int Handshakes = 1000;

    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Of one core.
    private const double QuietShare = 0.2;
    private const int QuietIntervals = 2;

    private readonly Func<TimeSpan> _processorTime;
    private readonly Action _collect;
    private readonly ITimer _timer;
    private int _handshakes;
    private int _handshakesBefore;
    private TimeSpan _processorTimeBefore;
    private int _quietIntervals;

    /// <param name="time">Clock of the intervals.</param>
    /// <param name="processorTime">What the process has used so far.</param>
    /// <param name="collect">What is to be done in the quiet.</param>
    public QuietCollection(TimeProvider time, Func<TimeSpan> processorTime, Action collect)
    {
        _processorTime = processorTime;
        _collect = collect;
        _timer = time.CreateTimer(
            static state => ((QuietCollection)state!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The collection that <c>UseLeanWebSockets</c> promises, or null when it is switched off.</summary>
    public static QuietCollection? Create(LeanWebSocketOptions options, TimeProvider time) => options.CollectWhenQuiet
        ? new QuietCollection(time, static () => Environment.CpuUsage.TotalTime, () => Collect(options.LargestHeapToCompact))
        : null;

    /// <summary>Counts a handshake.</summary>
    public void OnHandshake()
    {
        if (Interlocked.Increment(ref _handshakes) == Handshakes)
        {
            _quietIntervals = 0;
            _timer.Change(Interval, Interval);
        }
    }

    public void Dispose() => _timer.Dispose();

    private static void Collect(long largestHeapToCompact)
    {
        if (GC.GetTotalMemory(forceFullCollection: false) <= largestHeapToCompact)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        else
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
    }

    private void Check()
    {
        var handshakes = Volatile.Read(ref _handshakes);
        var processorTime = _processorTime();
        var isQuiet = handshakes == _handshakesBefore && processorTime - _processorTimeBefore < Interval * QuietShare;
        _handshakesBefore = handshakes;
        _processorTimeBefore = processorTime;
        _quietIntervals = isQuiet ? _quietIntervals + 1 : 0;
        if (_quietIntervals == QuietIntervals)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _handshakes, 0);
            _handshakesBefore = 0;
            _collect();
        }
    }
}
