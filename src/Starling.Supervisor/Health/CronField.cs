using System.Globalization;

namespace Starling.Supervisor.Health;

/// <summary>A field of a schedule: the values that it allows, as bits.</summary>
/// <param name="Bits">Bit n is set when n is allowed.</param>
/// <param name="IsAny">Whether the field was <c>*</c>, or steps of it.</param>
internal readonly record struct CronField(ulong Bits, bool IsAny)
{
    public bool Allows(int value) => (Bits >> value & 1) != 0;

    /// <summary>The first allowed value from one on; -1 when there is none.</summary>
    public int NextFrom(int value)
    {
        var rest = value > 63 ? 0 : Bits & (ulong.MaxValue << value);
        return rest == 0 ? -1 : System.Numerics.BitOperations.TrailingZeroCount(rest);
    }

    /// <exception cref="FormatException">It is not a field of that name.</exception>
    public static CronField Parse(string text, string field, int least, int most, string[] names, int nameBase)
    {
        var bits = 0UL;
        foreach (var part in text.Split(','))
        {
            bits |= ParsePart(part, field, least, most, names, nameBase);
        }

        return new CronField(bits, text is "*" or "?" || text.StartsWith("*/", StringComparison.Ordinal));
    }

    private static ulong ParsePart(string part, string field, int least, int most, string[] names, int nameBase)
    {
        var (range, step) = part.IndexOf('/') is >= 0 and var slash ? (part[..slash], part[(slash + 1)..]) : (part, null);
        var by = 1;
        if (step is not null && (!int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out by) || by == 0))
        {
            throw new FormatException($"the step of the field {field}, \"{part}\", has to be a number from 1");
        }

        int from;
        int to;
        if (range is "*" or "?")
        {
            (from, to) = (least, most);
        }
        else if (range.IndexOf('-', 1 < range.Length ? 1 : 0) is > 0 and var dash)
        {
            (from, to) = (Value(range[..dash], part), Value(range[(dash + 1)..], part));
        }
        else
        {
            from = Value(range, part);
            to = step is null ? from : most;
        }

        var bits = 0UL;

        // A range may go over the end: fri-mon, 22-2.
        var last = to < from ? to + (most - least + 1) : to;
        for (var value = from; value <= last; value += by)
        {
            bits |= 1UL << (value > most ? value - (most - least + 1) : value);
        }

        return bits;

        int Value(string text, string part)
        {
            var named = Array.FindIndex(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
            return named >= 0 ? named + nameBase
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
                : throw new FormatException($"the field {field}, \"{part}\", has to be a number from {least} to {most}{(names.Length > 0 ? $" or a name such as {names[0]}" : "")}, *, a range, a list, or steps of one");
        }
    }
}
