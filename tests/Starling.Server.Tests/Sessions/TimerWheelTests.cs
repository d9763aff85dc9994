using Starling.Server.Sessions;

namespace Starling.Server.Tests.Sessions;

public sealed class TimerWheelTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Timers_fire_in_time_whatever_their_number_and_distance()
    {
        var time = new ManualTime();
        using var wheel = new TimerWheel(time, Tick);
        var random = new Random(1);
        var late = new List<TimeSpan>();
        var fired = 0;
        foreach (var due in Enumerable.Range(0, 5_000).Select(_ => TimeSpan.FromMilliseconds(random.Next(10, 30_000))))
        {
            var expected = time.GetTimestamp() + due.Ticks;
            wheel.Schedule(
                new WheelTimer(() =>
                {
                    fired++;
                    late.Add(TimeSpan.FromTicks(time.GetTimestamp() - expected));
                }),
                due);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(5_000, fired);
        Assert.InRange(late.Max(), -Tick, Tick);
        Assert.InRange(late.Min(), -Tick, Tick);
    }

    [Fact]
    public void A_cancelled_timer_does_not_fire_and_a_new_due_time_replaces_the_old()
    {
        var time = new ManualTime();
        using var wheel = new TimerWheel(time, Tick);
        var fired = new List<string>();
        var cancelled = new WheelTimer(() => fired.Add("cancelled"));
        var moved = new WheelTimer(() => fired.Add("moved"));
        wheel.Schedule(cancelled, TimeSpan.FromMilliseconds(100));
        wheel.Schedule(moved, TimeSpan.FromMilliseconds(100));
        wheel.Cancel(cancelled);
        wheel.Schedule(moved, TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(fired);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["moved"], fired);
    }

    [Fact]
    public void A_timer_may_schedule_itself_again_when_it_fires()
    {
        var time = new ManualTime();
        using var wheel = new TimerWheel(time, Tick);
        var count = 0;
        WheelTimer? timer = null;
        timer = new WheelTimer(() =>
        {
            if (++count < 5)
            {
                wheel.Schedule(timer!, TimeSpan.FromMilliseconds(50));
            }
        });
        wheel.Schedule(timer, TimeSpan.FromMilliseconds(50));
        time.Advance(TimeSpan.FromMilliseconds(140));
        Assert.InRange(count, 2, 3);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(5, count);
    }

    [Fact]
    public void A_deadline_below_a_second_is_met_to_the_millisecond_whatever_the_tick()
    {
        var time = new ManualTime();
        using var wheel = new TimerWheel(time, TimeSpan.FromMilliseconds(50));
        var random = new Random(3);
        var late = new List<TimeSpan>();
        for (var i = 0; i < 2_000; i++)
        {
            var due = TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond));
            var expected = time.GetTimestamp() + due.Ticks;
            wheel.Schedule(new WheelTimer(() => late.Add(TimeSpan.FromTicks(time.GetTimestamp() - expected))), due);

            // Others beside them, for which nothing is exact.
            wheel.Schedule(new WheelTimer(), TimeSpan.FromMilliseconds(random.Next(1_000, 60_000)));
            time.Advance(TimeSpan.FromTicks(random.NextInt64(5 * TimeSpan.TicksPerMillisecond)));
        }

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2_000, late.Count);
        Assert.InRange(late.Max(), -TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        Assert.InRange(late.Min(), -TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void What_follows_a_timer_is_not_late_by_the_sum_but_a_stopped_process_leaves_nine_tenths()
    {
        var time = new ManualTime();
        using var wheel = new TimerWheel(time, Tick);
        var fired = new List<long>();
        var second = new WheelTimer(() => fired.Add(time.GetTimestamp() / TimeSpan.TicksPerMillisecond));
        wheel.Schedule(second, TimeSpan.FromMilliseconds(100));
        time.Advance(TimeSpan.FromMilliseconds(100));
        time.Advance(TimeSpan.FromMilliseconds(4));
        wheel.ScheduleNext(second, TimeSpan.FromMilliseconds(200));
        time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal([100, 300], fired);

        time.Advance(TimeSpan.FromSeconds(1));
        wheel.ScheduleNext(second, TimeSpan.FromMilliseconds(200));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([100, 300, 1354 + 180], fired);
    }

    [Fact]
    public void A_timer_that_is_over_is_known_to_be_before_it_fires()
    {
        var time = new ManualTime();
        using var wheel = new TimerWheel(new UnpunctualTime(time), Tick);
        var timer = new WheelTimer();
        wheel.Schedule(timer, TimeSpan.FromMilliseconds(100));
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(wheel.IsOverdue(timer));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(wheel.IsOverdue(timer));
        wheel.Cancel(timer);
        Assert.False(wheel.IsOverdue(timer));
    }

    [Fact]
    public async Task On_the_clock_of_the_system_deadlines_are_met_where_the_machine_can_meet_any()
    {
        using var wheel = new TimerWheel(TimeProvider.System, TimeSpan.FromMilliseconds(50));
        var late = new List<double>();
        for (var i = 0; i < 60; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            var fired = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
            var due = TimeSpan.FromMilliseconds(15 + (i * 0.37));
            wheel.Schedule(new WheelTimer(() => fired.TrySetResult((TimeProvider.System.GetElapsedTime(started) - due).TotalMilliseconds)), due);
            late.Add(await fired.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        }

        // Others use the machine as well: the best third says what the wheel does, the rest what the machine does.
        late.Sort();
        Assert.InRange(late[0], -1, 1);
        Assert.InRange(late[late.Count / 3], -1, 1.5);
    }

    /// <summary>The same clock, whose timers never fire.</summary>
    private sealed class UnpunctualTime(TimeProvider time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
