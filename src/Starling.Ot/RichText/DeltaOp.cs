using System.Buffers;
using System.Globalization;

namespace Starling.Ot.RichText;

/// <summary>What one component of a delta does.</summary>
internal enum DeltaKind
{
    /// <summary>Nothing: the value of <c>default</c>.</summary>
    None,

    /// <summary>Inserts text.</summary>
    Text,

    /// <summary>Inserts something that is no text and counts as one character.</summary>
    Embed,

    /// <summary>Goes on over what is there, changing its formatting if it has attributes.</summary>
    Retain,

    /// <summary>Deletes what is there.</summary>
    Delete,
}

/// <summary>One component of a delta. Lengths are UTF-16 units, as in JavaScript.</summary>
internal readonly struct DeltaOp : IChunk<DeltaOp>
{
    private readonly object? _content;

    private DeltaOp(DeltaKind kind, object? content, int length, AttributeMap? attributes)
    {
        Kind = kind;
        _content = content;
        Length = length;
        Attributes = attributes;
    }

    /// <inheritdoc/>
    public static int Longest => 512;

    /// <inheritdoc/>
    public int EncodedLength => Overhead(Attributes) + (Kind == DeltaKind.Text ? JsonText.EncodedLength(Text) : EmbedJson.Length - 2);

    public DeltaKind Kind { get; }

    public int Length { get; }

    public AttributeMap? Attributes { get; }

    public bool IsInsert => Kind is DeltaKind.Text or DeltaKind.Embed;

    public string Text => (string)_content!;

    public byte[] EmbedJson => (byte[])_content!;

    public static DeltaOp InsertText(string text, AttributeMap? attributes = null) => new(DeltaKind.Text, text, text.Length, attributes);

    public static DeltaOp InsertEmbed(byte[] json, AttributeMap? attributes = null) => new(DeltaKind.Embed, json, 1, attributes);

    public static DeltaOp Retain(int length, AttributeMap? attributes = null) => new(DeltaKind.Retain, null, length, attributes);

    public static DeltaOp Delete(int length) => new(DeltaKind.Delete, null, length, null);

    /// <inheritdoc/>
    public static int SeamLength(in DeltaOp left, in DeltaOp right) =>
        left.Kind == DeltaKind.Text && right.Kind == DeltaKind.Text && AttributeMap.Same(left.Attributes, right.Attributes)
            ? JsonText.SeamLength(left.Text, right.Text) - Overhead(left.Attributes) : 1;

    /// <summary>The same with other formatting.</summary>
    public DeltaOp With(AttributeMap? attributes) => new(Kind, _content, Length, attributes);

    /// <summary>A part of it. An embed has only one.</summary>
    public DeltaOp Slice(int start, int length) => (start == 0 && length == Length) || Kind == DeltaKind.Embed
        ? this
        : new DeltaOp(Kind, Kind == DeltaKind.Text ? Text.Substring(start, length) : null, length, Attributes);

    /// <inheritdoc/>
    public bool TryJoin(in DeltaOp next, out DeltaOp joined)
    {
        var alike = Kind == DeltaKind.Text && next.Kind == DeltaKind.Text && Length + next.Length <= Longest
            && AttributeMap.Same(Attributes, next.Attributes);
        joined = alike ? InsertText(Text + next.Text, Attributes) : default;
        return alike;
    }

    /// <inheritdoc/>
    public bool TrySplice(int start, int removed, in DeltaOp? inserted, out DeltaOp changed)
    {
        changed = default;
        var length = Length - removed + (inserted?.Length ?? 0);
        if (Kind != DeltaKind.Text || start + removed > Length || length <= 0 || length > Longest
            || (inserted is { } insert && (insert.Kind != DeltaKind.Text || !AttributeMap.Same(Attributes, insert.Attributes))))
        {
            return false;
        }

        changed = InsertText(
            string.Concat(Text.AsSpan(0, start), inserted is { } text ? text.Text : [], Text.AsSpan(start + removed)), Attributes);
        return true;
    }

    // What an insert takes beyond its text: {"insert":"","attributes":…}
    private static int Overhead(AttributeMap? attributes) => 13 + (attributes is null ? 0 : 14 + attributes.EncodedLength);

    public void WriteTo(IBufferWriter<byte> output)
    {
        switch (Kind)
        {
            case DeltaKind.Text:
                output.Write("{\"insert\":"u8);
                JsonText.Write(output, Text);
                break;
            case DeltaKind.Embed:
                output.Write("{\"insert\":"u8);
                output.Write(EmbedJson);
                break;
            default:
                output.Write(Kind == DeltaKind.Retain ? "{\"retain\":"u8 : "{\"delete\":"u8);
                Span<byte> digits = stackalloc byte[11];
                Length.TryFormat(digits, out var written, default, CultureInfo.InvariantCulture);
                output.Write(digits[..written]);
                break;
        }

        WriteEnd(output, Attributes);
    }

    /// <summary>Ends a component: its attributes, if there are any, and the brace.</summary>
    public static void WriteEnd(IBufferWriter<byte> output, AttributeMap? attributes)
    {
        if (attributes is not null)
        {
            output.Write(",\"attributes\":"u8);
            attributes.WriteTo(output);
        }

        output.Write("}"u8);
    }
}
