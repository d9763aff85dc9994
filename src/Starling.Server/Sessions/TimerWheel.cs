namespace Starling.Server.Sessions;

/// <summary>
/// Time-outs of many sessions on one timer: scheduling and cancelling cost O(1) and nothing is allocated for them.
/// </summary>
/// <remarks>
/// Owner: one server; thread-safe. Entries fire on a pool thread, at most one tick late, outside the lock. The timer runs only while
/// something is scheduled.
/// </remarks>
internal sealed class TimerWheel : IDisposable
{
    private const int SlotCount = 512;

    private readonly TimeProvider _time;
    private readonly TimeSpan _tick;
    private readonly Action<Exception>? _failed;
    private readonly long _started;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly WheelTimer?[] _slots = new WheelTimer?[SlotCount];
    private long _currentTick;
    private int _scheduled;
    private bool _running;
    private bool _advancing;

    public TimerWheel(TimeProvider time, TimeSpan tick, Action<Exception>? failed = null)
    {
        _failed = failed;
        _time = time;
        _tick = tick;
        _started = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((TimerWheel)state!).Advance(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Schedule(WheelTimer timer, TimeSpan due)
    {
        lock (_gate)
        {
            Unlink(timer);
            var elapsed = _time.GetElapsedTime(_started);
            timer.DueTick = Math.Max(_currentTick + 1, (elapsed + due).Ticks / _tick.Ticks);
            Link(timer);
            if (!_running)
            {
                _running = true;
                _currentTick = Math.Max(_currentTick, (elapsed.Ticks / _tick.Ticks) - 1);
                timer.DueTick = Math.Max(_currentTick + 1, timer.DueTick);
                _timer.Change(_tick, _tick);
            }
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

    private void Advance()
    {
        lock (_gate)
        {
            if (_advancing)
            {
                return;
            }

            _advancing = true;
        }

        var now = _time.GetElapsedTime(_started).Ticks / _tick.Ticks;
        while (TakeDue(now) is { } due)
        {
            Fire(due);
        }
    }

    // One that fails must not stop the others, nor the process.
    private void Fire(WheelTimer due)
    {
        try
        {
            due.Fire();
        }
        catch (Exception exception)
        {
            _failed?.Invoke(exception);
        }
    }

    private WheelTimer? TakeDue(long now)
    {
        lock (_gate)
        {
            while (true)
            {
                for (var timer = _slots[Slot(_currentTick)]; timer is not null; timer = timer.Next)
                {
                    if (timer.DueTick <= _currentTick)
                    {
                        Unlink(timer);
                        return timer;
                    }
                }

                if (_currentTick >= now)
                {
                    _advancing = false;
                    if (_scheduled == 0)
                    {
                        _running = false;
                        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                    }

                    return null;
                }

                _currentTick++;
            }
        }
    }

    private void Link(WheelTimer timer)
    {
        ref var head = ref _slots[Slot(timer.DueTick)];
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
            _slots[Slot(timer.DueTick)] = timer.Next;
        }
        else
        {
            timer.Previous.Next = timer.Next;
        }

        timer.Next = timer.Previous = null;
    }

    private static int Slot(long tick) => (int)(tick & (SlotCount - 1));
}
