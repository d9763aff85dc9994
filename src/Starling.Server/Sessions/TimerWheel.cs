namespace Starling.Server.Sessions;

/// <summary>
/// Time-outs of many sessions on one timer: scheduling and cancelling cost O(1) and nothing is allocated for them.
/// </summary>
/// <remarks>
/// Owner: one server; thread-safe. Entries fire on a pool thread, outside the lock, and not later than they are due: those that were
/// scheduled for less than a second exactly then, the others up to one tick before, so that many fire together. The timer runs only
/// while something is scheduled, and only when something is due.
/// </remarks>
internal sealed class TimerWheel : IDisposable
{
    private const int SlotCount = 512;

    private static readonly TimeSpan ExactBelow = TimeSpan.FromSeconds(1);

    // A timer of the runtime counts whole milliseconds of a coarse clock and comes some of them late. It is set so much earlier, and a
    // thread sleeps through the rest.
    private static readonly TimeSpan SystemLateness = TimeSpan.FromMilliseconds(8);
    private static readonly TimeSpan EarlyBy = TimeSpan.FromMilliseconds(0.5);

    private readonly TimeProvider _time;
    private readonly TimeSpan _tick;
    private readonly TimeSpan _lateness;
    private readonly long _started;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly WheelTimer?[] _slots = new WheelTimer?[SlotCount];
    private TimeSpan _setFor = TimeSpan.MaxValue;
    private long _currentTick;
    private int _scheduled;
    private bool _advancing;

    public TimerWheel(TimeProvider time, TimeSpan tick)
    {
        _time = time;
        _tick = tick;
        _lateness = time == TimeProvider.System ? SystemLateness : TimeSpan.Zero;
        _started = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((TimerWheel)state!).Advance(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Now => _time.GetElapsedTime(_started);

    public void Schedule(WheelTimer timer, TimeSpan due)
    {
        lock (_gate)
        {
            ScheduleAt(timer, Now + due, due < ExactBelow);
        }
    }

    /// <summary>
    /// Schedules a timer that has just fired so long after it was due, not after now: so that what follows one another is not late by the
    /// sum. A firing that came very late, because the process did not run, shortens the time by a tenth at most.
    /// </summary>
    public void ScheduleNext(WheelTimer timer, TimeSpan due)
    {
        lock (_gate)
        {
            var now = Now;
            var late = now - timer.Due;
            ScheduleAt(timer, now + due - (late < due / 10 ? late : due / 10), due < ExactBelow);
        }
    }

    /// <summary>Whether the time of a timer is up although it has not fired yet.</summary>
    public bool IsOverdue(WheelTimer timer)
    {
        lock (_gate)
        {
            return timer.IsScheduled && timer.Due <= Now;
        }
    }

    public void Cancel(WheelTimer timer)
    {
        lock (_gate)
        {
            Unlink(timer);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void ScheduleAt(WheelTimer timer, TimeSpan due, bool isExact)
    {
        Unlink(timer);
        if (_scheduled == 0 && !_advancing)
        {
            _currentTick = Tick(Now);
        }

        timer.Due = isExact ? due : _tick * Tick(due);
        timer.IsExact = isExact;
        Link(timer);
        if (!_advancing && WakeFor(timer.Due, isExact) < _setFor)
        {
            SetTimer(timer.Due, isExact);
        }
    }

    private void Advance()
    {
        lock (_gate)
        {
            if (_advancing)
            {
                return;
            }

            _advancing = true;
            _setFor = TimeSpan.MaxValue;
        }

        do
        {
            while (TakeDue() is { } due)
            {
                due.Fire();
            }
        }
        while (IsNextSoon());
    }

    // Sleeps for a millisecond if the next one has to fire before the timer could.
    private bool IsNextSoon()
    {
        lock (_gate)
        {
            var (next, isExact) = NextDue();
            if (!isExact || next - Now > _lateness)
            {
                _advancing = false;
                if (next < TimeSpan.MaxValue)
                {
                    SetTimer(next, isExact);
                }

                return false;
            }
        }

        if (_lateness > TimeSpan.Zero)
        {
            Thread.Sleep(1);
        }

        return true;
    }

    private WheelTimer? TakeDue()
    {
        lock (_gate)
        {
            var until = Now + (_lateness > TimeSpan.Zero ? EarlyBy : TimeSpan.Zero);
            var last = Tick(until);
            _currentTick = Math.Max(_currentTick, last - SlotCount + 1);
            while (true)
            {
                for (var timer = _slots[Slot(_currentTick)]; timer is not null; timer = timer.Next)
                {
                    if (timer.Due <= until)
                    {
                        Unlink(timer);
                        return timer;
                    }
                }

                if (_currentTick >= last)
                {
                    return null;
                }

                _currentTick++;
            }
        }
    }

    // The earliest one of the first slot that has any in this round; or the end of the round.
    private (TimeSpan Due, bool IsExact) NextDue()
    {
        if (_scheduled == 0)
        {
            return (TimeSpan.MaxValue, false);
        }

        for (var tick = _currentTick; tick < _currentTick + SlotCount; tick++)
        {
            var end = _tick * (tick + 1);
            WheelTimer? first = null;
            for (var timer = _slots[Slot(tick)]; timer is not null; timer = timer.Next)
            {
                if (timer.Due < end && (first is null || timer.Due < first.Due))
                {
                    first = timer;
                }
            }

            if (first is not null)
            {
                return (first.Due, first.IsExact);
            }
        }

        return (_tick * (_currentTick + SlotCount), false);
    }

    private TimeSpan WakeFor(TimeSpan due, bool isExact) => isExact ? due - _lateness : due;

    private void SetTimer(TimeSpan due, bool isExact)
    {
        _setFor = WakeFor(due, isExact);
        var wait = _setFor - Now;

        // The runtime cuts off parts of a millisecond; a timer that wakes too early for what is due would be set again and again.
        wait += isExact || _lateness == TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(1);
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Link(WheelTimer timer)
    {
        timer.Slot = Slot(Math.Max(_currentTick, Tick(timer.Due)));
        ref var head = ref _slots[timer.Slot];
        timer.Next = head;
        timer.Previous = null;
        head?.Previous = timer;
        head = timer;
        timer.IsScheduled = true;
        _scheduled++;
    }

    private void Unlink(WheelTimer timer)
    {
        if (!timer.IsScheduled)
        {
            return;
        }

        timer.IsScheduled = false;
        _scheduled--;
        timer.Next?.Previous = timer.Previous;
        if (timer.Previous is null)
        {
            _slots[timer.Slot] = timer.Next;
        }
        else
        {
            timer.Previous.Next = timer.Next;
        }

        timer.Next = timer.Previous = null;
    }

    private long Tick(TimeSpan time) => time.Ticks / _tick.Ticks;

    private static ushort Slot(long tick) => (ushort)(tick & (SlotCount - 1));
}
