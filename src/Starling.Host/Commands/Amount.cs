using System.Globalization;

namespace Starling.Host.Commands;

/// <summary>Reads sizes and times with units, as people write them.</summary>
internal static class Amount
{
    /// <summary>Reads a number of bytes: <c>1048576</c>, <c>64K</c>, <c>500M</c>, <c>2G</c>; a K is 1,024.</summary>
    public static bool TryParseBytes(string text, out long bytes)
    {
        var shift = text.Length > 0 ? "KMG".IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal) + 1 : 0;
        var isNumber = long.TryParse(shift > 0 ? text.AsSpan(..^1) : text, NumberStyles.None, CultureInfo.InvariantCulture, out bytes);
        var isPossible = isNumber && bytes <= long.MaxValue >> (10 * shift + 1);
        bytes = isPossible ? bytes << (10 * shift) : 0;
        return isPossible;
    }

    /// <summary>Reads a time above zero: <c>500ms</c>, <c>30s</c>, <c>15m</c>, <c>2h</c>, <c>7d</c>; without a unit it is seconds.</summary>
    public static bool TryParseTime(string text, TimeSpan most, out TimeSpan time)
    {
        var unit = text.TrimStart([.. "0123456789."]);
        var milliseconds = unit switch
        {
            "ms" => 1,
            "" or "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => 0,
        };
        var isNumber = double.TryParse(text.AsSpan(..^unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        var total = number * milliseconds;
        var isPossible = isNumber && total >= 1 && total <= most.TotalMilliseconds;
        time = isPossible ? TimeSpan.FromMilliseconds(total) : TimeSpan.Zero;
        return isPossible;
    }
}
