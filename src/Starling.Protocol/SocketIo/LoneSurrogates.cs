using System.Buffers.Text;

namespace Starling.Protocol.SocketIo;

/// <summary>
/// Halves of surrogate pairs. A text of JavaScript may hold one by itself, and JSON may (<c>"\ud83d"</c>); UTF-8 may not. Received ones
/// become U+FFFD, the replacement character, before anything reads the payload.
/// </summary>
public static class LoneSurrogates
{
    private const int EscapeLength = 6;

    /// <summary>Replaces lone surrogates that are written as escapes.</summary>
    /// <param name="json">Known to be JSON; replaced by a copy if there is one.</param>
    public static void Replace(ref ReadOnlyMemory<byte> json)
    {
        byte[]? copy = null;
        var span = json.Span;
        for (var i = Next(span, -2); i < span.Length; i = Next(span, i))
        {
            var unit = UnitAt(span, i);
            if (char.IsHighSurrogate(unit) && char.IsLowSurrogate(UnitAt(span, i + EscapeLength)))
            {
                i += EscapeLength;
            }
            else if (char.IsSurrogate(unit))
            {
                // As long as what it replaces.
                copy ??= json.ToArray();
                "fffd"u8.CopyTo(copy.AsSpan(i + 2));
            }
        }

        json = copy ?? json;
    }

    // From the backslash of one escape to that of the next; both are within strings, since nothing else in JSON has one.
    private static int Next(ReadOnlySpan<byte> json, int escape)
    {
        var from = escape + 2;
        var next = from < json.Length ? json[from..].IndexOf((byte)'\\') : -1;
        return next < 0 ? json.Length : from + next;
    }

    private static char UnitAt(ReadOnlySpan<byte> json, int index) =>
        index + EscapeLength <= json.Length && json[index] == '\\' && json[index + 1] == 'u'
            && Utf8Parser.TryParse(json.Slice(index + 2, 4), out ushort unit, out var length, 'x') && length == 4
            ? (char)unit : '\0';
}
