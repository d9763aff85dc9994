using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Starling.Ot;

/// <summary>Writes numbers as JavaScript does (ECMA-262, Number::toString): the shortest digits that read back as the same double.</summary>
internal static class JsonNumber
{
    // Up to here each whole number is a double, and its digits are its text.
    private const double LargestWhole = 9007199254740992;

    /// <summary>Writes a number.</summary>
    public static void Write(IBufferWriter<byte> output, double value)
    {
        if (Math.Abs(value) <= LargestWhole && value == Math.Floor(value))
        {
            Write(output, (long)value);
            return;
        }

        Encoding.ASCII.GetBytes(Format(value).AsSpan(), output);
    }

    /// <summary>Writes a whole number.</summary>
    public static void Write(IBufferWriter<byte> output, long value)
    {
        value.TryFormat(output.GetSpan(20), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    /// <summary>How many bytes <see cref="Write(IBufferWriter{byte}, double)"/> writes.</summary>
    public static int EncodedLength(double value)
    {
        if (Math.Abs(value) > LargestWhole || value != Math.Floor(value))
        {
            return Format(value).Length;
        }

        var length = value < 0 ? 2 : 1;
        for (var rest = Math.Abs(value); rest >= 10; rest = Math.Floor(rest / 10))
        {
            length++;
        }

        return length;
    }

    /// <summary>The number at which the reader stands as a place in a text or list; null if it cannot be one.</summary>
    public static long? ReadIndex(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && value >= 0 && value < LargestWhole && value == Math.Floor(value)
            ? (long)value : null;

    /// <summary>The text of a number.</summary>
    public static string Format(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        if (!double.IsFinite(value))
        {
            return "null";
        }

        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var sign = value < 0 ? "-" : "";
        var digits = Digits(shortest);
        var exponent = ExponentOf(shortest);
        var point = exponent + 1;
        var result = new StringBuilder(sign);
        if (point > 21 || point <= -6)
        {
            result.Append(digits[0]);
            if (digits.Length > 1)
            {
                result.Append('.').Append(digits, 1, digits.Length - 1);
            }

            return result.Append('e').Append(exponent < 0 ? '-' : '+').Append(Math.Abs(exponent)).ToString();
        }

        if (point <= 0)
        {
            return result.Append("0.").Append('0', -point).Append(digits).ToString();
        }

        return point >= digits.Length
            ? result.Append(digits).Append('0', point - digits.Length).ToString()
            : result.Append(digits, 0, point).Append('.').Append(digits, point, digits.Length - point).ToString();
    }

    private static string Digits(string shortest)
    {
        var end = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = end < 0 ? shortest : shortest[..end];
        return string.Concat(mantissa.Where(char.IsAsciiDigit)).Trim('0');
    }

    // The power of ten of the first digit that is not zero.
    private static int ExponentOf(string shortest)
    {
        var end = shortest.IndexOf('E', StringComparison.Ordinal);
        var explicitExponent = end < 0 ? 0 : int.Parse(shortest.AsSpan(end + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = (end < 0 ? shortest : shortest[..end]).TrimStart('-');
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? mantissa : mantissa[..dot];
        if (whole.TrimStart('0').Length > 0)
        {
            return whole.TrimStart('0').Length - 1 + explicitExponent;
        }

        var fraction = mantissa[(dot + 1)..];
        return -(fraction.Length - fraction.TrimStart('0').Length) - 1 + explicitExponent;
    }
}
