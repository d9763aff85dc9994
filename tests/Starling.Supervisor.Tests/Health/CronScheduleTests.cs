using System.Globalization;
using Starling.Supervisor.Health;

namespace Starling.Supervisor.Tests.Health;

public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("* * * * *", "2026-01-01T00:00:30", "2026-01-01T00:01:00", "2026-01-01T00:02:00")]
    [InlineData("*/15 * * * *", "2026-01-01T00:00:00", "2026-01-01T00:15:00", "2026-01-01T00:30:00")]
    [InlineData("5/20 * * * *", "2026-01-01T00:00:00", "2026-01-01T00:05:00", "2026-01-01T00:25:00")]
    [InlineData("0 3 * * *", "2026-01-31T03:00:00", "2026-02-01T03:00:00", "2026-02-02T03:00:00")]
    [InlineData("30 9-17/4 * * mon-fri", "2026-01-02T17:30:00", "2026-01-05T09:30:00", "2026-01-05T13:30:00")]
    [InlineData("0 0 * * FRI-MON", "2026-01-01T12:00:00", "2026-01-02T00:00:00", "2026-01-03T00:00:00")]
    [InlineData("0 22-2 * * *", "2026-01-01T21:00:00", "2026-01-01T22:00:00", "2026-01-01T23:00:00")]
    [InlineData("0 0 1 jan,jul *", "2026-01-01T00:00:00", "2026-07-01T00:00:00", "2027-01-01T00:00:00")]
    [InlineData("0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29T00:00:00", "2032-02-29T00:00:00")]
    [InlineData("0 0 L * *", "2026-01-31T00:00:00", "2026-02-28T00:00:00", "2026-03-31T00:00:00")]
    [InlineData("0 0 * * 5L", "2026-01-01T00:00:00", "2026-01-30T00:00:00", "2026-02-27T00:00:00")]
    [InlineData("0 0 * * fri#2", "2026-01-01T00:00:00", "2026-01-09T00:00:00", "2026-02-13T00:00:00")]
    [InlineData("0 0 * * 7", "2026-01-01T00:00:00", "2026-01-04T00:00:00", "2026-01-11T00:00:00")]
    [InlineData("0 0 13 * 5", "2026-01-01T00:00:00", "2026-01-02T00:00:00", "2026-01-09T00:00:00")]
    [InlineData("0 0 */10 * 5", "2026-01-01T00:00:00", "2026-05-01T00:00:00", "2026-07-31T00:00:00")]
    [InlineData("10,40 * * * * *", "2026-01-01T00:00:10", "2026-01-01T00:00:40", "2026-01-01T00:01:10")]
    [InlineData("@hourly", "2026-01-01T00:00:00", "2026-01-01T01:00:00", "2026-01-01T02:00:00")]
    [InlineData("@daily", "2026-01-01T00:00:00", "2026-01-02T00:00:00", "2026-01-03T00:00:00")]
    [InlineData("@weekly", "2026-01-01T00:00:00", "2026-01-04T00:00:00", "2026-01-11T00:00:00")]
    [InlineData("@monthly", "2026-01-01T00:00:00", "2026-02-01T00:00:00", "2026-03-01T00:00:00")]
    [InlineData("@yearly", "2026-01-01T00:00:00", "2027-01-01T00:00:00", "2028-01-01T00:00:00")]
    public void The_next_times_are_found(string schedule, string after, string first, string second)
    {
        var cron = CronSchedule.Parse(schedule);
        var next = cron.Next(Utc(after), TimeZoneInfo.Utc);
        Assert.Equal(Utc(first), next);
        Assert.Equal(Utc(second), cron.Next(next!.Value, TimeZoneInfo.Utc));
    }

    [Fact]
    public void A_day_that_never_comes_has_no_time() => Assert.Null(CronSchedule.Parse("0 0 30 2 *").Next(Utc("2026-01-01T00:00:00"), TimeZoneInfo.Utc));

    // Berlin goes from 2:00 to 3:00 on 29 March 2026 and from 3:00 to 2:00 on 25 October 2026.
    [Theory]
    [InlineData("30 2 * * *", "2026-03-29T00:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00")]
    [InlineData("30 * * * *", "2026-03-29T00:30:00+01:00", "2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00")]
    [InlineData("0 12 * * *", "2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00", "2026-03-30T12:00:00+02:00")]
    [InlineData("30 2 * * *", "2026-10-25T01:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00")]
    [InlineData("30 * * * *", "2026-10-25T01:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00")]
    [InlineData("0 3 * * *", "2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+01:00", "2026-10-26T03:00:00+01:00")]
    [InlineData("*/20 * * * *", "2026-10-25T02:40:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:20:00+01:00")]
    [InlineData("*/20 * * * *", "2026-10-25T02:40:00+01:00", "2026-10-25T03:00:00+01:00", "2026-10-25T03:20:00+01:00")]
    public void Changes_of_the_clock_neither_lose_nor_double_a_time(string schedule, string after, string first, string second)
    {
        Assert.SkipUnless(TimeZoneInfo.TryFindSystemTimeZoneById("Europe/Berlin", out var zone), "needs the time zone Europe/Berlin (package tzdata)");
        var cron = CronSchedule.Parse(schedule);
        var next = cron.Next(At(after), zone!);
        Assert.Equal(At(first), next);
        Assert.Equal(At(second), cron.Next(next!.Value, zone!));
    }

    [Fact]
    public void Times_always_go_on_and_always_fit()
    {
        Assert.SkipUnless(TimeZoneInfo.TryFindSystemTimeZoneById("Europe/Berlin", out var zone), "needs the time zone Europe/Berlin (package tzdata)");
        var cron = CronSchedule.Parse("*/7 */3 * * *");
        var time = At("2026-10-24T20:00:00+02:00");
        for (var i = 0; i < 200; i++)
        {
            var next = cron.Next(time, zone!)!.Value;
            Assert.True(next > time);
            Assert.Equal(0, next.Minute % 7);
            Assert.Equal(0, next.Hour % 3);
            Assert.Equal(zone!.GetUtcOffset(next), next.Offset);
            time = next;
        }
    }

    [Theory]
    [InlineData("", "has 0 fields, but needs 5")]
    [InlineData("* * * *", "has 4 fields")]
    [InlineData("60 * * * *", "the field minute, \"60\", has to be a number from 0 to 59")]
    [InlineData("* 24 * * *", "the field hour")]
    [InlineData("* * 0 * *", "the field day of the month")]
    [InlineData("* * * 13 *", "the field month")]
    [InlineData("* * * foo *", "or a name such as jan")]
    [InlineData("* * * * 8", "the field day of the week")]
    [InlineData("* * * * fri#6", "from 1 to 5 after #")]
    [InlineData("*/0 * * * *", "the step of the field minute")]
    [InlineData("1- * * * *", "the field minute")]
    [InlineData("-1 * * * *", "the field minute")]
    [InlineData("1,,2 * * * *", "the field minute")]
    [InlineData("61 * * * * *", "the field second")]
    [InlineData("@often", "use @hourly")]
    public void Errors_name_the_field(string schedule, string says) =>
        Assert.Contains(says, Assert.Throws<FormatException>(() => CronSchedule.Parse(schedule)).Message, StringComparison.Ordinal);

    private static DateTimeOffset Utc(string time) => At(time + "+00:00");

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
