using System.Globalization;

namespace Starling.Supervisor.Logs;

/// <summary>A form of the time as Moment.js writes them: <c>YYYY-MM-DD HH:mm:ss.SSS Z</c>, with literal text in brackets. Immutable.</summary>
public sealed class TimeFormat
{
    private const string Letters = "YMDdHhmsSAaZXx";
    private static readonly string[] Tokens =
        ["YYYY", "YY", "MMMM", "MMM", "MM", "M", "DD", "D", "dddd", "ddd", "d", "HH", "H", "hh", "h", "mm", "m", "ss", "s", "SSS", "SS", "S", "A", "a", "ZZ", "Z", "X", "x"];

    private readonly (string? Token, string Literal)[] _parts;

    private TimeFormat((string?, string)[] parts)
    {
        _parts = parts;
    }

    /// <summary>Takes a form apart. Letters that mean nothing stand for themselves.</summary>
    public static TimeFormat Parse(string format)
    {
        ArgumentNullException.ThrowIfNull(format);
        var parts = new List<(string?, string)>();
        for (var at = 0; at < format.Length;)
        {
            var end = format[at] == '[' ? format.IndexOf(']', at) : -1;
            if (end > 0)
            {
                parts.Add((null, format[(at + 1)..end]));
                at = end + 1;
                continue;
            }

            var token = Letters.Contains(format[at]) ? Tokens.FirstOrDefault(token => string.CompareOrdinal(format, at, token, 0, token.Length) == 0) : null;
            parts.Add((token, token is null ? format[at..(at + 1)] : ""));
            at += token?.Length ?? 1;
        }

        return new TimeFormat([.. parts]);
    }

    /// <summary>Writes a time as UTF-8 and gives the number of bytes; what has no room is cut off.</summary>
    public int Write(DateTimeOffset time, Span<byte> target)
    {
        var length = 0;
        foreach (var (token, literal) in _parts)
        {
            var room = target[length..];
            if (token is null)
            {
                length += System.Text.Encoding.UTF8.TryGetBytes(literal, room, out var bytes) ? bytes : 0;
            }
            else if (WriteToken(token, time, room, out var written))
            {
                length += written;
            }
        }

        return length;
    }

    /// <inheritdoc cref="object.ToString"/>
    public string ToText(DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[128];
        return System.Text.Encoding.UTF8.GetString(text[..Write(time, text)]);
    }

    private static bool WriteToken(string token, DateTimeOffset time, Span<byte> target, out int written) => token switch
    {
        "YYYY" => Number(time.Year, "D4", target, out written),
        "YY" => Number(time.Year % 100, "D2", target, out written),
        "MMMM" => time.TryFormat(target, out written, "MMMM", CultureInfo.InvariantCulture),
        "MMM" => time.TryFormat(target, out written, "MMM", CultureInfo.InvariantCulture),
        "MM" => Number(time.Month, "D2", target, out written),
        "M" => Number(time.Month, "D", target, out written),
        "DD" => Number(time.Day, "D2", target, out written),
        "D" => Number(time.Day, "D", target, out written),
        "dddd" => time.TryFormat(target, out written, "dddd", CultureInfo.InvariantCulture),
        "ddd" => time.TryFormat(target, out written, "ddd", CultureInfo.InvariantCulture),
        "d" => Number((int)time.DayOfWeek, "D", target, out written),
        "HH" => Number(time.Hour, "D2", target, out written),
        "H" => Number(time.Hour, "D", target, out written),
        "hh" => Number(((time.Hour + 11) % 12) + 1, "D2", target, out written),
        "h" => Number(((time.Hour + 11) % 12) + 1, "D", target, out written),
        "mm" => Number(time.Minute, "D2", target, out written),
        "m" => Number(time.Minute, "D", target, out written),
        "ss" => Number(time.Second, "D2", target, out written),
        "s" => Number(time.Second, "D", target, out written),
        "SSS" => Number(time.Millisecond, "D3", target, out written),
        "SS" => Number(time.Millisecond / 10, "D2", target, out written),
        "S" => Number(time.Millisecond / 100, "D", target, out written),
        "A" => time.TryFormat(target, out written, "tt", CultureInfo.InvariantCulture),
        "a" => Copy(time.Hour < 12 ? "am"u8 : "pm"u8, target, out written),
        "ZZ" => Offset(time.Offset, target, colon: false, out written),
        "Z" => Offset(time.Offset, target, colon: true, out written),
        "X" => Number(time.ToUnixTimeSeconds(), "D", target, out written),
        _ => Number(time.ToUnixTimeMilliseconds(), "D", target, out written),
    };

    private static bool Number(long number, string form, Span<byte> target, out int written) =>
        number.TryFormat(target, out written, form, CultureInfo.InvariantCulture);

    private static bool Copy(ReadOnlySpan<byte> text, Span<byte> target, out int written)
    {
        written = text.TryCopyTo(target) ? text.Length : 0;
        return written > 0;
    }

    private static bool Offset(TimeSpan offset, Span<byte> target, bool colon, out int written)
    {
        Span<byte> text = stackalloc byte[6];
        var minutes = Math.Abs((int)offset.TotalMinutes);
        text[0] = (byte)(offset < TimeSpan.Zero ? '-' : '+');
        (minutes / 60).TryFormat(text[1..], out _, "D2", CultureInfo.InvariantCulture);
        text[3] = (byte)':';
        (minutes % 60).TryFormat(text[(colon ? 4 : 3)..], out _, "D2", CultureInfo.InvariantCulture);
        return Copy(text[..(colon ? 6 : 5)], target, out written);
    }
}
