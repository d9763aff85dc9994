namespace Starling.Supervisor.Health;

/// <summary>
/// Times in cron's form: minute, hour, day of the month, month, day of the week, with an optional field of seconds before them; <c>*</c>, ranges, lists,
/// steps, names, <c>L</c> (last day of the month; <c>5L</c> last Friday), <c>5#2</c> (second Friday), and <c>@hourly</c>, <c>@daily</c>, <c>@weekly</c>,
/// <c>@monthly</c>, <c>@yearly</c>. When both days are restricted, one of them has to fit. Immutable.
/// </summary>
public sealed class CronSchedule
{
    private const int YearsAhead = 9;
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private static readonly TimeSpan ShiftWindow = TimeSpan.FromHours(3);
    private readonly CronField _second;
    private readonly CronField _minute;
    private readonly CronField _hour;
    private readonly CronField _month;
    private readonly CronDays _days;

    private CronSchedule(CronField second, CronField minute, CronField hour, CronField month, CronDays days)
    {
        (_second, _minute, _hour, _month, _days) = (second, minute, hour, month, days);
    }

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="FormatException">It is not one; the message names the field.</exception>
    public static CronSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        var fields = (trimmed.ToLowerInvariant() switch
        {
            "@hourly" => "0 * * * *",
            "@daily" or "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" or "@annually" => "0 0 1 1 *",
            ['@', ..] => throw new FormatException($"\"{trimmed}\" is not known: use @hourly, @daily, @weekly, @monthly or @yearly"),
            _ => trimmed,
        }).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length is not (5 or 6))
        {
            throw new FormatException($"\"{trimmed}\" has {fields.Length} {(fields.Length == 1 ? "field" : "fields")}, but needs 5 (minute, hour, day of the month, month, day of the week) or 6 (seconds first)");
        }

        var at = fields.Length - 5;
        return new CronSchedule(
            at == 0 ? new CronField(1, false) : CronField.Parse(fields[0], "second", 0, 59, [], 0),
            CronField.Parse(fields[at], "minute", 0, 59, [], 0),
            CronField.Parse(fields[at + 1], "hour", 0, 23, [], 0),
            CronField.Parse(fields[at + 3], "month", 1, 12, Months, 1),
            CronDays.Parse(fields[at + 2], fields[at + 4], Days));
    }

    /// <summary>
    /// The first time after another at which the schedule is due; null when there is none within nine years (30 February). When clocks go forward, what falls into the
    /// hour that is left out is due at its end; when they go back, a schedule with certain hours is due once, one for every hour both times.
    /// </summary>
    /// <param name="after">The time after which to look.</param>
    /// <param name="zone">Zone that the fields are meant in.</param>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var local = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        var first = NextLocal(local);
        if (first is null || !IsShifted(local, first.Value, zone))
        {
            return first is { } plain ? new DateTimeOffset(plain, zone.GetUtcOffset(plain)) : null;
        }

        DateTimeOffset? best = null;
        for (var candidate = NextLocal(local - ShiftWindow); candidate is { } time; candidate = NextLocal(time))
        {
            foreach (var instant in Instants(time, zone))
            {
                if (instant > after && (best is null || instant < best))
                {
                    best = instant;
                }
            }

            if (best is { } found && time > found.DateTime + ShiftWindow)
            {
                break;
            }
        }

        return best;
    }

    private static bool IsShifted(DateTime local, DateTime next, TimeZoneInfo zone) =>
        zone.IsAmbiguousTime(local) || zone.IsAmbiguousTime(next) || zone.IsInvalidTime(next);

    private static DateTimeOffset EndOfGap(DateTime inGap, TimeZoneInfo zone)
    {
        // The hour that is left out ends where the clock shows a time again; gaps begin and end at whole minutes.
        var end = new DateTime(inGap.Ticks - (inGap.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(end))
        {
            end = end.AddMinutes(1);
        }

        return new DateTimeOffset(end, zone.GetUtcOffset(end));
    }

    private IEnumerable<DateTimeOffset> Instants(DateTime time, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(time))
        {
            yield return EndOfGap(time, zone);
        }
        else if (zone.IsAmbiguousTime(time))
        {
            var offsets = zone.GetAmbiguousTimeOffsets(time).OrderDescending().ToArray();
            yield return new DateTimeOffset(time, offsets[0]);
            if (_hour.IsAny)
            {
                yield return new DateTimeOffset(time, offsets[^1]);
            }
        }
        else
        {
            yield return new DateTimeOffset(time, zone.GetUtcOffset(time));
        }
    }

    private DateTime? NextLocal(DateTime after)
    {
        var start = new DateTime(after.Ticks - (after.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Unspecified).AddSeconds(1);
        var day = start.Date;
        var lastYear = day.Year + YearsAhead;
        for (var from = start.TimeOfDay; day.Year < lastYear; day = day.AddDays(1), from = TimeSpan.Zero)
        {
            if (!_month.Allows(day.Month))
            {
                day = new DateTime(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month));
            }
            else if (_days.Allow(day) && NextTime(from) is { } time)
            {
                return day + time;
            }
        }

        return null;
    }

    private TimeSpan? NextTime(TimeSpan from)
    {
        for (var hour = _hour.NextFrom(from.Hours); hour >= 0; hour = _hour.NextFrom(hour + 1))
        {
            var firstMinute = hour == from.Hours ? from.Minutes : 0;
            for (var minute = _minute.NextFrom(firstMinute); minute >= 0; minute = _minute.NextFrom(minute + 1))
            {
                var firstSecond = hour == from.Hours && minute == from.Minutes ? from.Seconds : 0;
                if (_second.NextFrom(firstSecond) is >= 0 and var second)
                {
                    return new TimeSpan(hour, minute, second);
                }
            }
        }

        return null;
    }
}
