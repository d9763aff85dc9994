using System.Diagnostics;

namespace Starling.Messaging.Links.Polling;

/// <summary>
/// Decides whether the waiting thread looks about for some microseconds before it sleeps. To be put to sleep and woken costs more than to
/// look, in time and often in work, when the peer is about to answer on a processor of its own; when it is not, or needs this processor,
/// looking only costs. Which of the two is the case cannot be told beforehand, so both are tried, and looking stays where it gets more done
/// and what that costs in work is not more than what it gains in time.
/// </summary>
/// <remarks>Owner: the waiting thread.</remarks>
internal struct AdaptiveSpin()
{
    /// <summary>Waits that are judged together.</summary>
    private const int Window = 64;

    /// <summary>Windows between two trials, when the first one failed; each failure doubles it.</summary>
    private const int ShortestPause = 4;
    private const int LongestPause = 128;

    /// <summary>Windows of looking after which sleeping is measured again, since what else the machine does may have changed.</summary>
    private const int LongestRun = 1024;

    /// <summary>Windows of sleeping that are measured at least; the quicker of the last two is what looking has to beat.</summary>
    private const int Measured = 2;

    /// <summary>How long is looked: 50 µs, somewhat more than what it takes a sleeping peer to wake and answer.</summary>
    private static readonly long Limit = Stopwatch.Frequency / 20_000;

    /// <summary>What a long time from one wait to the next counts for, so that it does not outweigh all others.</summary>
    private static readonly long LongestCounted = 4 * Limit;

    // The window.
    private long _last;
    private long _lastWork;
    private int _waits;
    private int _found;
    private long _time;

    private Cost _before = Cost.Most;
    private Cost _asleep = Cost.Most;
    private int _pause = Measured;
    private int _nextPause = ShortestPause;
    private int _run;
    private bool _isDoubtful;

    /// <summary>Whether to look before sleeping.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Whether enough was looked.</summary>
    /// <param name="elapsed">For how long, in ticks of the <see cref="Stopwatch"/>.</param>
    public static bool IsOver(long elapsed) => elapsed > Limit;

    /// <summary>To be called after each wait.</summary>
    /// <param name="now">The time, in ticks of the <see cref="Stopwatch"/>.</param>
    /// <param name="hasFound">Whether the wait ended without sleeping.</param>
    /// <returns>Whether <see cref="Judge"/> is to be called now.</returns>
    public bool OnWaited(long now, bool hasFound)
    {
        _time += Math.Min(now - _last, LongestCounted);
        _last = now;
        _found += hasFound ? 1 : 0;
        return ++_waits == Window;
    }

    /// <summary>Compares what the last waits have taken.</summary>
    /// <param name="work">Processor time of this thread until now, in any unit.</param>
    public void Judge(long work)
    {
        var cost = new Cost(_time, work - _lastWork);
        if (!IsOn)
        {
            OnSlept(cost);
        }
        else if (_found >= Window / 4 * 3 && cost.Beats(_asleep))
        {
            _isDoubtful = false;
            _nextPause = ShortestPause;
            if (++_run == LongestRun)
            {
                Pause(Measured);
            }
        }
        else if (!_isDoubtful)
        {
            _isDoubtful = true;
        }
        else
        {
            Pause(_nextPause);
            _nextPause = Math.Min(2 * _nextPause, LongestPause);
        }

        (_waits, _found, _time, _lastWork) = (0, 0, 0, work);
    }

    private void OnSlept(in Cost cost)
    {
        _asleep = cost.Time < _before.Time ? cost : _before;
        _before = cost;

        // Where there is little to do there is little to be gained.
        if (--_pause <= 0 && cost.Time < Window * LongestCounted / 4 * 3)
        {
            IsOn = true;
            _isDoubtful = false;
            _run = 0;
        }
    }

    private void Pause(int windows)
    {
        IsOn = false;
        _pause = windows;
        _before = Cost.Most;
    }

    /// <summary>What a window has taken.</summary>
    /// <param name="Time">Time that passed.</param>
    /// <param name="Work">Processor time.</param>
    private readonly record struct Cost(double Time, double Work)
    {
        public static readonly Cost Most = new(double.MaxValue, double.MaxValue);

        /// <summary>Whether it is clearly quicker, and by more than it is more work.</summary>
        public bool Beats(in Cost other) => Time < other.Time * 0.75 && Work / other.Work < other.Time / Time;
    }
}
