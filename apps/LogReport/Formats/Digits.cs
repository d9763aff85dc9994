namespace Starling.Apps.LogReport.Formats;

/// <summary>Decimal digits as numbers.</summary>
internal static class Digits
{
    /// <summary>Reads text that is digits from end to end; at most nine.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            var digit = (uint)(c - '0');
            if (digit > 9)
            {
                return false;
            }

            value = (value * 10) + (int)digit;
        }

        return text.Length is > 0 and <= 9;
    }

    /// <summary>Reads a number of bytes: digits, at most 18, or <c>-</c> for none.</summary>
    public static bool TryReadBytes(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text is [(byte)'-'])
        {
            return true;
        }

        foreach (var c in text)
        {
            var digit = (uint)(c - '0');
            if (digit > 9)
            {
                return false;
            }

            value = (value * 10) + digit;
        }

        return text.Length is > 0 and <= 18;
    }

    /// <summary>Reads a status of three digits, 100 to 999.</summary>
    public static bool TryReadStatus(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        return text.Length == 3 && text[0] != '0' && TryRead(text, out value);
    }
}
