using System.Buffers;
using System.Text.Json;

namespace Starling.Ot.Text;

/// <summary>
/// Plain text whose places are Unicode code points (npm <c>ot-text-unicode</c>). Unlike the original it refuses an operation that deletes beyond
/// the end of the document, and halves of surrogate pairs.
/// </summary>
/// <remarks>A presence is null, a position, or a pair of positions: where a selection begins and where it ends, which may be before.</remarks>
public sealed class TextUnicodeType : IComposableType, IInvertibleType, IPresenceType
{
    /// <inheritdoc/>
    public string Name => "text-unicode";

    /// <inheritdoc/>
    public string Uri => "http://sharejs.org/types/text-unicode";

    /// <inheritdoc/>
    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            return TextUnicodeSnapshot.Of("");
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            return reader.TokenType == JsonTokenType.String
                ? TextUnicodeSnapshot.Of(CodePoints.Checked(JsonText.Read(ref reader))) : throw new OtException("Initial data must be a string");
        }
        catch (JsonException exception)
        {
            throw new OtException("A text cannot be read: " + exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public IOtOperation ReadOperation(ReadOnlySpan<byte> json) => TextUnicodeReader.Read(json);

    /// <inheritdoc/>
    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation) => ((TextUnicodeSnapshot)snapshot).Apply((TextUnicodeOperation)operation);

    /// <inheritdoc/>
    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side) =>
        TextUnicodeOperation.Transform((TextUnicodeOperation)operation, (TextUnicodeOperation)other, side);

    /// <inheritdoc/>
    public IOtOperation Fit(IOtSnapshot snapshot, IOtOperation operation, long maxLength)
    {
        // The original deletes what there is.
        var rest = ((TextUnicodeSnapshot)snapshot).Length;
        var result = new TextUnicodeBuilder();
        foreach (var component in ((TextUnicodeOperation)operation).Components)
        {
            var fitting = component.Kind == TextUnicodeKind.Delete && component.Length > rest ? component.Slice(0, Math.Max(rest, 0)) : component;
            rest -= fitting.Kind == TextUnicodeKind.Insert ? 0 : fitting.Length;
            result.Add(fitting);
        }

        return result.Build();
    }

    /// <inheritdoc/>
    public long TransformCost(IOtOperation operation, IOtOperation other) =>
        ((TextUnicodeOperation)operation).Components.Length + ((TextUnicodeOperation)other).Components.Length;

    /// <inheritdoc/>
    public IOtOperation Compose(IOtOperation first, IOtOperation second) =>
        TextUnicodeOperation.Compose((TextUnicodeOperation)first, (TextUnicodeOperation)second);

    /// <inheritdoc/>
    public IOtOperation Invert(IOtOperation operation, IOtSnapshot before)
    {
        var text = (TextUnicodeSnapshot)before;
        var result = new TextUnicodeBuilder();
        var position = 0L;
        foreach (var component in ((TextUnicodeOperation)operation).Components)
        {
            if (component.Kind == TextUnicodeKind.Insert)
            {
                result.Add(TextUnicodeComponent.Delete(component.Text!));
                continue;
            }

            if (position + component.Length > text.Length)
            {
                throw new OtException("The op is too long for this document");
            }

            result.Add(component.Kind == TextUnicodeKind.Delete ? TextUnicodeComponent.Insert(text.Slice(position, component.Length)) : component);
            position += component.Length;
        }

        return result.Build();
    }

    /// <inheritdoc/>
    public void TransformPresence(ReadOnlySpan<byte> presence, IOtOperation operation, bool isOwn, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var change = (TextUnicodeOperation)operation;
        try
        {
            var reader = new Utf8JsonReader(presence);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                output.Write("null"u8);
            }
            else if (reader.TokenType == JsonTokenType.StartArray)
            {
                WriteSelection(ref reader, change, isOwn, output);
            }
            else
            {
                JsonNumber.Write(output, change.TransformPosition(Position(ref reader), stays: !isOwn));
            }
        }
        catch (JsonException exception)
        {
            throw new OtException("A presence cannot be read: " + exception.Message, exception);
        }
    }

    private static void WriteSelection(ref Utf8JsonReader reader, TextUnicodeOperation change, bool isOwn, IBufferWriter<byte> output)
    {
        reader.Read();
        var start = Position(ref reader);
        reader.Read();
        var end = Position(ref reader);
        output.Write("["u8);
        JsonNumber.Write(output, change.TransformPosition(start, stays: !isOwn));
        output.Write(","u8);
        JsonNumber.Write(output, change.TransformPosition(end, stays: !isOwn));
        output.Write("]"u8);
    }

    private static long Position(ref Utf8JsonReader reader) => JsonNumber.ReadIndex(ref reader) ?? throw new OtException("Invalid selection");
}
