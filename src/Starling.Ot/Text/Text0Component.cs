using System.Buffers;

namespace Starling.Ot.Text;

/// <summary>One step of a text0 operation: inserts or deletes a text at a place, after all the steps before it.</summary>
/// <param name="Position">Where, in UTF-16 units.</param>
/// <param name="Text">What is inserted or deleted.</param>
/// <param name="IsInsert">Whether it is inserted.</param>
internal readonly record struct Text0Component(long Position, string Text, bool IsInsert)
{
    /// <summary>The place behind the text.</summary>
    public long End => Position + Text.Length;

    public Text0Component Inverse => this with { IsInsert = !IsInsert };

    /// <summary>Applies the step.</summary>
    /// <exception cref="OtException">It does not fit.</exception>
    public Utf16Text Apply(Utf16Text text)
    {
        if (IsInsert ? Position > text.Length : End > text.Length)
        {
            throw new OtException($"The operation goes beyond the end of the text, which has {text.Length} characters.");
        }

        if (IsInsert)
        {
            return text.Splice(Position, 0, Text);
        }

        var deleted = text.Slice(Position, Text.Length);
        return deleted == Text
            ? text.Splice(Position, Text.Length, "")
            : throw new OtException($"Delete component '{Text}' does not match deleted text '{deleted}'");
    }

    public void WriteTo(IBufferWriter<byte> output)
    {
        output.Write("{\"p\":"u8);
        JsonNumber.Write(output, Position);
        output.Write(IsInsert ? ",\"i\":"u8 : ",\"d\":"u8);
        JsonText.Write(output, Text);
        output.Write("}"u8);
    }
}
