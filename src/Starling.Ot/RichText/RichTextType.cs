using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Starling.Ot.RichText;

/// <summary>
/// Rich text in the form of Quill (npm <c>rich-text</c>, <c>quill-delta</c>): lengths are UTF-16 units, and halves of surrogate pairs are kept.
/// Unlike the original it refuses an operation that goes beyond the end of the document.
/// </summary>
public sealed class RichTextType : IComposableType, IInvertibleType, IPresenceType, IDiffableType
{
    /// <inheritdoc/>
    public string Name => "rich-text";

    /// <inheritdoc/>
    public string Uri => "http://sharejs.org/types/rich-text/v1";

    /// <inheritdoc/>
    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json) => ReadSnapshot(json, isSubmitted: false);

    /// <inheritdoc/>
    public IOtSnapshot ReadSubmittedSnapshot(ReadOnlySpan<byte> json) => ReadSnapshot(json, isSubmitted: true);

    private static RichTextSnapshot ReadSnapshot(ReadOnlySpan<byte> json, bool isSubmitted)
    {
        if (json.IsEmpty)
        {
            return new RichTextSnapshot(null);
        }

        ChunkTree<DeltaOp>? runs = null;
        foreach (var op in Delta.Read(json, isSubmitted).ToArray())
        {
            runs = op.IsInsert
                ? ChunkTree<DeltaOp>.Concat(runs, ChunkTree<DeltaOp>.Of(op))
                : throw new OtException("A document consists of inserts only.");
        }

        return new RichTextSnapshot(runs);
    }

    /// <inheritdoc/>
    public IOtOperation ReadOperation(ReadOnlySpan<byte> json) => Delta.Read(json).Build();

    /// <inheritdoc/>
    public IOtOperation ReadSubmittedOperation(ReadOnlySpan<byte> json) => Delta.Read(json, isSubmitted: true).Build();

    /// <inheritdoc/>
    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation, long maxLength) =>
        ((RichTextSnapshot)snapshot).Apply((Delta)operation, Math.Max(maxLength, snapshot.EncodedLength));

    /// <inheritdoc/>
    public long TransformCost(IOtOperation operation, IOtOperation other) => ((Delta)operation).Ops.Length + ((Delta)other).Ops.Length;

    /// <inheritdoc/>
    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation) => ((RichTextSnapshot)snapshot).Apply((Delta)operation);

    /// <inheritdoc/>
    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side) =>
        Delta.Transform((Delta)operation, (Delta)other, priority: side == OtSide.Left);

    /// <inheritdoc/>
    public IOtOperation Compose(IOtOperation first, IOtOperation second) => Delta.Compose((Delta)first, (Delta)second);

    /// <inheritdoc/>
    public IOtOperation Invert(IOtOperation operation, IOtSnapshot before)
    {
        var text = (RichTextSnapshot)before;
        var result = new DeltaBuilder();
        var position = 0L;
        foreach (var op in ((Delta)operation).Ops)
        {
            if (op.IsInsert)
            {
                result.Add(DeltaOp.Delete(op.Length));
                continue;
            }

            if (position + op.Length > text.Length)
            {
                throw new OtException("The operation goes beyond the end of the document.");
            }

            if (op is { Kind: DeltaKind.Retain, Attributes: null })
            {
                result.Add(DeltaOp.Retain(op.Length));
            }
            else
            {
                foreach (var run in text.Slice(position, op.Length))
                {
                    result.Add(op.Kind == DeltaKind.Delete ? run : DeltaOp.Retain(run.Length, AttributeMap.Invert(op.Attributes, run.Attributes)));
                }
            }

            position += op.Length;
        }

        return result.Build();
    }

    /// <inheritdoc/>
    public IOtOperation Diff(IOtSnapshot before, IOtSnapshot after) => DeltaDiff.Compare((RichTextSnapshot)before, (RichTextSnapshot)after);

    /// <inheritdoc/>
    public void TransformPresence(ReadOnlySpan<byte> presence, IOtOperation operation, bool isOwn, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        try
        {
            var reader = new Utf8JsonReader(presence);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                output.Write("null"u8);
                return;
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new OtException("A presence in rich text is null or an object with index and length.");
            }

            WriteRange(presence, (Delta)operation, isOwn, output);
        }
        catch (JsonException exception)
        {
            throw new OtException("A presence cannot be read: " + exception.Message, exception);
        }
    }

    private static void WriteRange(ReadOnlySpan<byte> presence, Delta operation, bool isOwn, IBufferWriter<byte> output)
    {
        var (index, length) = (ReadNumber(presence, "index"u8), ReadNumber(presence, "length"u8));
        var start = operation.TransformPosition(index, stays: !isOwn);
        var end = operation.TransformPosition(index + length, stays: !isOwn);
        var reader = new Utf8JsonReader(presence);
        reader.Read();
        var isFirst = true;
        output.Write("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.Read(ref reader);
            reader.Read();
            var value = CanonicalJson.Read(ref reader);
            output.Write(isFirst ? [] : ","u8);
            JsonText.Write(output, name);
            output.Write(":"u8);
            output.Write(name switch { "index" => Text(start), "length" => Text(end - start), _ => value });
            isFirst = false;
        }

        output.Write("}"u8);
    }

    private static byte[] Text(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static long ReadNumber(ReadOnlySpan<byte> presence, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(presence);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number >= 0)
            {
                return number;
            }

            reader.Skip();
        }

        throw new OtException("A presence in rich text is null or an object with index and length.");
    }
}
