using System.Buffers;
using Starling.Ot.Text;

namespace Starling.Ot.Json;

/// <summary>
/// One step of a json0 operation: what happens at a place in the document, after all the steps before it. Exactly one kind of change is set:
/// <see cref="Added"/>; <see cref="ListInserted"/>, <see cref="ListDeleted"/> or both; <see cref="MovedTo"/>; <see cref="ObjectInserted"/>,
/// <see cref="ObjectDeleted"/> or both; <see cref="TextInserted"/> or <see cref="TextDeleted"/>; or <see cref="Edit"/>. Immutable.
/// </summary>
public sealed record Json0Component
{
    internal Json0Component(Json0Segment[] path) => Segments = path;

    /// <summary>
    /// Where; the last step leads to what is inserted, deleted or changed. Of a change to a text the last is the place in it, in UTF-16 units.
    /// </summary>
    public IReadOnlyList<Json0Segment> Path => Segments;

    /// <summary><c>na</c>: what is added to a number.</summary>
    public double? Added { get; internal init; }

    /// <summary><c>li</c>: what comes into a list.</summary>
    public JsonTree? ListInserted { get; internal init; }

    /// <summary><c>ld</c>: what goes out of a list.</summary>
    public JsonTree? ListDeleted { get; internal init; }

    /// <summary><c>lm</c>: the index to which an item of a list is moved.</summary>
    public long? MovedTo { get; internal init; }

    /// <summary><c>oi</c>: what comes into an object.</summary>
    public JsonTree? ObjectInserted { get; internal init; }

    /// <summary><c>od</c>: what goes out of an object.</summary>
    public JsonTree? ObjectDeleted { get; internal init; }

    /// <summary><c>si</c>: what comes into a text.</summary>
    public string? TextInserted { get; internal init; }

    /// <summary><c>sd</c>: what goes out of a text.</summary>
    public string? TextDeleted { get; internal init; }

    /// <summary><c>t</c>: the name of the type of <see cref="Edit"/>.</summary>
    public string? EditType { get; internal init; }

    /// <summary><c>o</c>: an operation of another type on the value at the path.</summary>
    public IOtOperation? Edit { get; internal init; }

    internal Json0Segment[] Segments { get; init; }

    internal bool IsText => TextInserted is not null || TextDeleted is not null;

    /// <summary>The number of steps to what is changed, where the value at the path and not the path's last step counts as such.</summary>
    internal int Reach => Segments.Length + (Added is not null || EditType is not null ? 1 : 0);

    /// <summary>A change to a text out of a step of the type text0.</summary>
    internal static Json0Component OfText(ReadOnlySpan<Json0Segment> text, Text0Component step) => new([.. text, new Json0Segment(step.Position)])
    {
        TextInserted = step.IsInsert ? step.Text : null,
        TextDeleted = step.IsInsert ? null : step.Text,
    };

    /// <summary>The change to a text as a step of the type text0 on the value at all but the last of the path.</summary>
    internal Text0Component ToText() => Text0Reader.Create(
        Segments.Length > 0 && Segments[^1].AsIndex() is { } position ? position : throw new OtException("component missing position field"),
        TextInserted, TextDeleted);

    /// <summary>The same with another step in the path.</summary>
    internal Json0Component WithSegment(int index, Json0Segment segment)
    {
        var path = Segments.AsSpan().ToArray();
        path[index] = segment;
        return this with { Segments = path };
    }

    /// <summary>Writes the step as UTF-8 JSON.</summary>
    /// <param name="output">Where to.</param>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("{\"p\":["u8);
        for (var i = 0; i < Segments.Length; i++)
        {
            output.Write(i == 0 ? [] : ","u8);
            Segments[i].WriteTo(output);
        }

        output.Write("]"u8);
        if (Edit is not null)
        {
            output.Write(",\"t\":"u8);
            JsonText.Write(output, EditType);
            output.Write(",\"o\":"u8);
            Edit.WriteTo(output);
        }

        if (Added is { } added)
        {
            output.Write(",\"na\":"u8);
            JsonNumber.Write(output, added);
        }

        Write(output, ",\"ld\":"u8, ListDeleted);
        Write(output, ",\"li\":"u8, ListInserted);
        if (MovedTo is { } index)
        {
            output.Write(",\"lm\":"u8);
            JsonNumber.Write(output, index);
        }

        Write(output, ",\"od\":"u8, ObjectDeleted);
        Write(output, ",\"oi\":"u8, ObjectInserted);
        Write(output, ",\"sd\":"u8, TextDeleted);
        Write(output, ",\"si\":"u8, TextInserted);
        output.Write("}"u8);
    }

    private static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> name, JsonTree? value)
    {
        if (value is not null)
        {
            output.Write(name);
            value.WriteTo(output);
        }
    }

    private static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            output.Write(name);
            JsonText.Write(output, value);
        }
    }
}
