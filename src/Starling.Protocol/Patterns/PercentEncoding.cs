using System.Globalization;
using System.Text;

namespace Starling.Protocol.Patterns;

/// <summary>Percent-encoding as URLs have it (URL Standard, section 1.3).</summary>
internal static class PercentEncoding
{
    public const string Fragment = " \"<>`";
    public const string Query = " \"#<>";
    public const string SpecialQuery = Query + "'";
    public const string Path = Query + "?^`{}";
    public const string UserInfo = Path + "/:;=@[\\]|";
    public const string Control = "";

    /// <summary>Encodes control characters, what is not ASCII, and the characters of a set.</summary>
    public static string Encode(string text, string set)
    {
        var index = 0;
        while (index < text.Length && !MustEncode(text[index], set))
        {
            index++;
        }

        if (index == text.Length)
        {
            return text;
        }

        var result = new StringBuilder(text, 0, index, text.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.AsSpan(index).EnumerateRunes())
        {
            if (rune.IsAscii && !MustEncode((char)rune.Value, set))
            {
                result.Append((char)rune.Value);
                continue;
            }

            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                result.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
            }
        }

        return result.ToString();
    }

    /// <summary>Decodes what the predicate allows to be decoded, byte by byte, as UTF-8.</summary>
    public static string Decode(string text, Func<byte, bool>? allowed = null)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        var bytes = new List<byte>(text.Length);
        var source = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length && char.IsAsciiHexDigit((char)source[i + 1]) && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                var value = (byte)((HexValue(source[i + 1]) << 4) | HexValue(source[i + 2]));
                if (allowed is null || allowed(value))
                {
                    bytes.Add(value);
                    i += 2;
                    continue;
                }
            }

            bytes.Add(source[i]);
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool MustEncode(char c, string set) => c is <= '\x1f' or > '~' || set.Contains(c, StringComparison.Ordinal);

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
