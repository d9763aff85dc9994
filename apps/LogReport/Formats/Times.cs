using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Starling.Apps.LogReport.Formats;

/// <summary>Times as logs write them: that of access logs, ISO 8601, or seconds (or milliseconds) since 1970.</summary>
internal static class Times
{
    /// <param name="text">The time and nothing else.</param>
    /// <param name="last">Remembers the last minute.</param>
    /// <param name="seconds">Since 1970, in UTC. A time without a zone is UTC.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, ref LineTime last, out long seconds)
    {
        if (text is [(byte)'[', .., (byte)']'])
        {
            text = text[1..^1];
        }

        if (text.Length == LineTime.Length && text[2] == '/')
        {
            return last.TryParse(text, out seconds);
        }

        if (Utf8Parser.TryParse(text, out double number, out var used) && used == text.Length)
        {
            return TryFromNumber(number, out seconds);
        }

        Span<char> chars = stackalloc char[64];
        if (text.Length <= chars.Length && Encoding.UTF8.TryGetChars(text, chars, out var length) && TryParse(chars[..length], out var time))
        {
            seconds = time.ToUnixTimeSeconds();
            return true;
        }

        seconds = 0;
        return false;
    }

    /// <summary>Reads ISO 8601, such as <c>2026-01-31T13:00:00Z</c>, <c>2026-01-31 13:00</c> or <c>2026-01-31</c>; UTC where no zone is given.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>Seconds since 1970 with a fraction, or milliseconds: whatever is beyond the year 5138 as seconds.</summary>
    public static bool TryFromNumber(double number, out long seconds)
    {
        const double Year5138 = 1e11;
        const double LastSecond = 253_402_300_800;
        var value = Math.Abs(number) >= Year5138 ? number / 1000 : number;
        seconds = (long)Math.Floor(value);
        return Math.Abs(value) < LastSecond;
    }
}
