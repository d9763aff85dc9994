using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Starling.Ot;

/// <summary>
/// Reads and writes JSON strings as JavaScript has them: UTF-16 in which a surrogate may stand alone. <see cref="Utf8JsonReader"/> refuses to
/// decode those and <see cref="Utf8JsonWriter"/> replaces them.
/// </summary>
internal static class JsonText
{
    // Most strings of most documents are keys and words.
    private const int ShortLength = 128;

    private static readonly SearchValues<char> PlainAscii = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~\u007f");

    /// <summary>The string at which the reader stands.</summary>
    public static string Read(ref Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        return reader.ValueIsEscaped ? Unescape(raw) : Encoding.UTF8.GetString(raw);
    }

    /// <summary>Writes a string byte for byte as <c>JSON.stringify</c> does.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        if (text.Length <= ShortLength && TryWritePlain(output, text))
        {
            return;
        }

        output.Write("\""u8);
        WriteInside(output, text);
        output.Write("\""u8);
    }

    /// <summary>How many bytes <see cref="WriteInside"/> writes of a string, without the quotation marks.</summary>
    public static int EncodedLength(ReadOnlySpan<char> text)
    {
        var plain = text.IndexOfAnyExcept(PlainAscii);
        if (plain < 0)
        {
            return text.Length;
        }

        var length = plain;
        for (var i = plain; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                length += 4;
                i++;
            }
            else
            {
                length += c switch
                {
                    '"' or '\\' or '\b' or '\f' or '\n' or '\r' or '\t' => 2,
                    < ' ' or (>= '\ud800' and <= '\udfff') => 6,
                    < '\u0080' => 1,
                    < '\u0800' => 2,
                    _ => 3,
                };
            }
        }

        return length;
    }

    /// <summary>How many bytes two parts of one string take more, or less, than each by itself: half a pair is escaped, a pair is not.</summary>
    public static int SeamLength(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        !left.IsEmpty && !right.IsEmpty && char.IsHighSurrogate(left[^1]) && char.IsLowSurrogate(right[0]) ? 4 - 12 : 0;

    /// <summary>Writes a part of a string that splits no pair of surrogates, without the quotation marks.</summary>
    public static void WriteInside(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        while (true)
        {
            var plain = PlainLength(text);
            if (plain > 0)
            {
                Encoding.UTF8.GetBytes(text[..plain], output);
                text = text[plain..];
            }

            if (text.IsEmpty)
            {
                return;
            }

            Escape(output, text[0]);
            text = text[1..];
        }
    }

    // A short string of ASCII of which nothing is escaped.
    private static bool TryWritePlain(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        var span = output.GetSpan(ShortLength + 2);
        span[0] = (byte)'"';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is < ' ' or '"' or '\\' or > '~')
            {
                return false;
            }

            span[i + 1] = (byte)c;
        }

        span[text.Length + 1] = (byte)'"';
        output.Advance(text.Length + 2);
        return true;
    }

    // All up to the first character that is escaped; a pair of surrogates is not.
    private static int PlainLength(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is < ' ' or '"' or '\\')
            {
                return i;
            }

            if (char.IsSurrogate(c))
            {
                if (!char.IsHighSurrogate(c) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                {
                    return i;
                }

                i++;
            }
        }

        return text.Length;
    }

    private static void Escape(IBufferWriter<byte> output, char c)
    {
        var span = output.GetSpan(6);
        span[0] = (byte)'\\';
        var shortForm = c switch { '"' or '\\' => (byte)c, '\b' => (byte)'b', '\f' => (byte)'f', '\n' => (byte)'n', '\r' => (byte)'r', '\t' => (byte)'t', _ => (byte)0 };
        if (shortForm != 0)
        {
            span[1] = shortForm;
            output.Advance(2);
            return;
        }

        span[1] = (byte)'u';
        ((int)c).TryFormat(span[2..], out _, "x4", CultureInfo.InvariantCulture);
        output.Advance(6);
    }

    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        var text = new StringBuilder(raw.Length);
        while (!raw.IsEmpty)
        {
            var backslash = raw.IndexOf((byte)'\\');
            if (backslash < 0)
            {
                backslash = raw.Length;
            }

            text.Append(Encoding.UTF8.GetString(raw[..backslash]));
            raw = raw[backslash..];
            if (raw.IsEmpty)
            {
                break;
            }

            if (raw[1] == 'u')
            {
                text.Append((char)((Hex(raw[2]) << 12) | (Hex(raw[3]) << 8) | (Hex(raw[4]) << 4) | Hex(raw[5])));
                raw = raw[6..];
                continue;
            }

            text.Append(raw[1] switch { (byte)'b' => '\b', (byte)'f' => '\f', (byte)'n' => '\n', (byte)'r' => '\r', (byte)'t' => '\t', var c => (char)c });
            raw = raw[2..];
        }

        return text.ToString();
    }

    private static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
