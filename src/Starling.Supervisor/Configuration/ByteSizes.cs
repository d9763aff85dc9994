using System.Globalization;

namespace Starling.Supervisor.Configuration;

/// <summary>Sizes as people write them in process files: <c>1000</c> (bytes), <c>512K</c>, <c>200M</c>, <c>1.5G</c>; units are powers of 1024.</summary>
public static class ByteSizes
{
    /// <summary>Reads one; false when it is not a size.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = 0;
        var number = text.Trim();
        var digits = number.TakeWhile(character => char.IsAsciiDigit(character) || character == '.').Count();
        var unit = number[digits..].Trim().ToUpperInvariant();
        var factor = unit switch
        {
            "" or "B" => 1L,
            "K" or "KB" or "KIB" => 1L << 10,
            "M" or "MB" or "MIB" => 1L << 20,
            "G" or "GB" or "GIB" => 1L << 30,
            "T" or "TB" or "TIB" => 1L << 40,
            _ => 0,
        };
        if (factor == 0
            || !double.TryParse(number[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value * factor > long.MaxValue / 2)
        {
            return false;
        }

        bytes = (long)(value * factor);
        return true;
    }
}
