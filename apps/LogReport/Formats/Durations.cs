using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Starling.Apps.LogReport.Formats;

/// <summary>How long a request took, as text.</summary>
internal static class Durations
{
    /// <summary>Digits behind the point that are looked at.</summary>
    public const int FractionDigits = 6;

    private const int MaxDigits = 15;

    /// <summary>Reads a number such as <c>0.004</c> or <c>4021</c>. <c>-</c> means that it is not known.</summary>
    /// <param name="text">The number and nothing else.</param>
    /// <param name="unit">What it counts.</param>
    /// <param name="microseconds">The time, cut to whole microseconds, or <see cref="LogRecord.None"/>.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, TimeUnit unit, out long microseconds)
    {
        microseconds = LogRecord.None;
        if (text is [(byte)'-'])
        {
            return true;
        }

        // The value in millionths of its unit, so that no step needs floating point.
        long whole = 0, fraction = 0, scale = 1_000_000;
        var at = 0;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
        {
            whole = (whole * 10) + (text[at] - '0');
        }

        if (at is 0 or > MaxDigits)
        {
            return false;
        }

        var hasPoint = at < text.Length;
        if (hasPoint)
        {
            if (text[at] != '.' || at + 1 == text.Length)
            {
                return false;
            }

            for (at++; at < text.Length; at++)
            {
                var digit = (uint)(text[at] - '0');
                if (digit > 9)
                {
                    return TryParseScientific(text, unit, out microseconds);
                }

                scale /= 10;
                fraction += digit * scale;
            }
        }

        microseconds = ToMicroseconds(whole, fraction, hasPoint, unit);
        return true;
    }

    /// <summary>The time that a number says, cut to whole microseconds.</summary>
    /// <param name="whole">What stands before the point.</param>
    /// <param name="millionths">What stands behind it.</param>
    /// <param name="hasPoint">Whether there is one.</param>
    /// <param name="unit">What the number counts.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ToMicroseconds(long whole, long millionths, bool hasPoint, TimeUnit unit)
    {
        // Times beyond twelve days are no longer told apart by the histogram; before that nothing overflows.
        whole = Math.Min(whole, 1_000_000_000_000);
        return unit switch
        {
            TimeUnit.Auto when !hasPoint => whole,
            TimeUnit.Microseconds => whole,
            TimeUnit.Milliseconds => (whole * 1000) + (millionths / 1000),
            _ => (whole * 1_000_000) + millionths,
        };
    }

    /// <summary>Digits behind a point, as millionths.</summary>
    /// <param name="value">Their value, as if they were a number.</param>
    /// <param name="digits">How many, up to <see cref="FractionDigits"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Millionths(uint value, int digits)
    {
        ReadOnlySpan<int> factors = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1];
        return (long)value * factors[digits];
    }

    // Programs that write JSON do so for small numbers: 1.2e-05.
    private static bool TryParseScientific(ReadOnlySpan<byte> text, TimeUnit unit, out long microseconds)
    {
        var factor = unit switch
        {
            TimeUnit.Microseconds => 1,
            TimeUnit.Milliseconds => 1e3,
            _ => 1e6,
        };
        var isNumber = Utf8Parser.TryParse(text, out double value, out var used) && used == text.Length && value is >= 0 and < 1e12;
        microseconds = isNumber ? (long)(value * factor) : LogRecord.None;
        return isNumber;
    }
}
