namespace Starling.Ot.Text;

/// <summary>Counts the characters of texts as Unicode does, where a pair of surrogates is one.</summary>
internal static class CodePoints
{
    /// <summary>How many there are.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        var first = text.IndexOfAnyInRange('\ud800', '\udfff');
        if (first < 0)
        {
            return text.Length;
        }

        var count = text.Length;
        foreach (var c in text[first..])
        {
            count -= char.IsLowSurrogate(c) ? 1 : 0;
        }

        return count;
    }

    /// <summary>How many UTF-16 units the first of them take.</summary>
    public static int LengthOf(ReadOnlySpan<char> text, int count)
    {
        var length = 0;
        for (; count > 0; count--)
        {
            length += char.IsHighSurrogate(text[length]) ? 2 : 1;
        }

        return length;
    }

    /// <summary>The text, if all its surrogates are in pairs.</summary>
    /// <exception cref="OtException">They are not.</exception>
    public static string Checked(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                throw new OtException("A text has half a pair of surrogates, which is no character.");
            }
        }

        return text;
    }
}
