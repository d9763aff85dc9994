using System.Buffers;

namespace Starling.Ot.Text;

/// <summary>One component of a text-unicode operation.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Length">To how many code points.</param>
/// <param name="Text">What is inserted, or what is deleted if that is known.</param>
internal readonly record struct TextUnicodeComponent(TextUnicodeKind Kind, long Length, string? Text)
{
    public static TextUnicodeComponent Skip(long length) => new(TextUnicodeKind.Skip, length, null);

    public static TextUnicodeComponent Insert(string text) => new(TextUnicodeKind.Insert, CodePoints.Count(text), text);

    public static TextUnicodeComponent Delete(long length) => new(TextUnicodeKind.Delete, length, null);

    public static TextUnicodeComponent Delete(string text) => new(TextUnicodeKind.Delete, CodePoints.Count(text), text);

    /// <summary>A part of it.</summary>
    public TextUnicodeComponent Slice(long start, long length)
    {
        if (length == Length || Text is null)
        {
            return this with { Length = length };
        }

        var from = CodePoints.LengthOf(Text, (int)start);
        return new(Kind, length, Text.Substring(from, CodePoints.LengthOf(Text.AsSpan(from), (int)length)));
    }

    /// <summary>The same and then another of the same kind. What is deleted is known only if it is of both.</summary>
    public TextUnicodeComponent Join(in TextUnicodeComponent next) =>
        new(Kind, checked(Length + next.Length), Text is null || next.Text is null ? null : Text + next.Text);

    public void WriteTo(IBufferWriter<byte> output)
    {
        output.Write(Kind == TextUnicodeKind.Delete ? "{\"d\":"u8 : []);
        if (Text is null)
        {
            JsonNumber.Write(output, Length);
        }
        else
        {
            JsonText.Write(output, Text);
        }

        output.Write(Kind == TextUnicodeKind.Delete ? "}"u8 : []);
    }
}
