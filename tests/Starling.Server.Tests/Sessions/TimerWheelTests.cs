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
}
