using System.Globalization;

namespace Starling.Supervisor.Configuration;

/// <summary>Times as people write them in process files: <c>500</c> (milliseconds), <c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>1.5h</c>, <c>7d</c>, <c>2w</c>.</summary>
public static class Durations
{
    /// <summary>Reads one; false when it is not a time.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = TimeSpan.Zero;
        var number = text.Trim();
        var digits = number.TakeWhile(character => char.IsAsciiDigit(character) || character == '.').Count();
        var unit = number[digits..].Trim();
        var milliseconds = unit switch
        {
            "" or "ms" => 1,
            "s" or "sec" => 1_000,
            "m" or "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => 0,
        };
        if (milliseconds == 0
            || !double.TryParse(number[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value * milliseconds > 1e13)
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(value * milliseconds);
        return true;
    }
}
