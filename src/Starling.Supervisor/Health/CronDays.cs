using System.Globalization;

namespace Starling.Supervisor.Health;

/// <summary>The two fields of a schedule that say which days. Immutable.</summary>
internal sealed class CronDays
{
    private readonly CronField _ofMonth;
    private readonly CronField _ofWeek;
    private readonly bool _lastOfMonth;

    // Weekdays counted within their month: (5, 2) is the second Friday, (5, 0) the last.
    private readonly List<(int Day, int Count)> _counted;

    private CronDays(CronField ofMonth, bool lastOfMonth, CronField ofWeek, List<(int Day, int Count)> counted)
    {
        (_ofMonth, _lastOfMonth, _ofWeek, _counted) = (ofMonth, lastOfMonth, ofWeek, counted);
    }

    public static CronDays Parse(string ofMonth, string ofWeek, string[] names)
    {
        var monthParts = ofMonth.Split(',');
        var plainMonth = monthParts.Where(part => !IsLast(part)).ToArray();
        var counted = new List<(int, int)>();
        var plainWeek = new List<string>();
        foreach (var part in ofWeek.Split(','))
        {
            if (Counted(part, names) is { } found)
            {
                counted.Add(found);
            }
            else
            {
                plainWeek.Add(part);
            }
        }

        var week = Field(plainWeek, "day of the week", 0, 7, names);

        // Sunday is 0 and 7.
        week = week with { Bits = (week.Bits | (week.Bits >> 7 & 1)) & 0x7F };
        return new CronDays(Field(plainMonth, "day of the month", 1, 31, []), plainMonth.Length < monthParts.Length, week, counted);
    }

    public bool Allow(DateTime day)
    {
        var isMonth = _ofMonth.Allows(day.Day) || (_lastOfMonth && day.Day == DateTime.DaysInMonth(day.Year, day.Month));
        var isWeek = _ofWeek.Allows((int)day.DayOfWeek) || _counted.Any(counted => IsCounted(day, counted));
        return _ofMonth.IsAny || _ofWeek.IsAny ? isMonth && isWeek : isMonth || isWeek;
    }

    private static CronField Field(IReadOnlyCollection<string> parts, string field, int least, int most, string[] names) =>
        parts.Count == 0 ? new CronField(0, false) : CronField.Parse(string.Join(',', parts), field, least, most, names, 0);

    private static bool IsLast(string part) => part.Equals("l", StringComparison.OrdinalIgnoreCase);

    private static bool IsCounted(DateTime day, (int Day, int Count) counted) =>
        (int)day.DayOfWeek == counted.Day
        && (counted.Count == 0 ? day.Day + 7 > DateTime.DaysInMonth(day.Year, day.Month) : (day.Day - 1) / 7 + 1 == counted.Count);

    private static (int, int)? Counted(string part, string[] names)
    {
        var hash = part.IndexOf('#');
        if (hash < 0 && !(part.Length > 1 && part[^1] is 'L' or 'l' && part.Length is 2 or 4))
        {
            return null;
        }

        var day = hash < 0 ? part[..^1] : part[..hash];
        var count = 0;
        if (hash >= 0 && (!int.TryParse(part.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > 5))
        {
            throw new FormatException($"the field day of the week, \"{part}\", has to have a number from 1 to 5 after #");
        }

        var bits = CronField.Parse(day, "day of the week", 0, 7, names, 0).Bits;
        return (System.Numerics.BitOperations.TrailingZeroCount(bits) % 7, count);
    }
}
