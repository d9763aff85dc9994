using System.Buffers;
using System.Text.Json;

namespace Starling.Ot.RichText;

/// <summary>A change to rich text, or rich text itself, in the form of Quill: what to keep, insert and delete, from the beginning on. Immutable.</summary>
public sealed class Delta : IOtOperation
{
    private readonly DeltaOp[] _ops;

    internal Delta(DeltaOp[] ops) => _ops = ops;

    /// <inheritdoc/>
    public bool IsNoOp => _ops.Length == 0;

    internal ReadOnlySpan<DeltaOp> Ops => _ops;

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("{\"ops\":["u8);
        for (var i = 0; i < _ops.Length; i++)
        {
            output.Write(i == 0 ? [] : ","u8);
            _ops[i].WriteTo(output);
        }

        output.Write("]}"u8);
    }

    /// <summary>Joins two changes, the second made after the first.</summary>
    internal static Delta Compose(Delta first, Delta second)
    {
        var result = new DeltaBuilder();
        var left = new DeltaReader(first.Ops);
        var right = new DeltaReader(second.Ops);
        while (left.HasNext || right.HasNext)
        {
            if (right.IsInsert)
            {
                result.Add(right.Next());
                continue;
            }

            if (left.Kind == DeltaKind.Delete)
            {
                result.Add(left.Next());
                continue;
            }

            var length = Math.Min(left.Length, right.Length);
            var (kept, change) = (left.Next(length), right.Next(length));
            if (change.Kind == DeltaKind.Retain)
            {
                result.Add(kept.With(AttributeMap.Compose(kept.Attributes, change.Attributes, keepNull: kept.Kind == DeltaKind.Retain)));
            }
            else if (kept.Kind == DeltaKind.Retain)
            {
                result.Add(change);
            }
        }

        return result.Build();
    }

    /// <summary>Changes a delta so that it does after another what it was meant to do before it.</summary>
    /// <param name="changed">The delta to change.</param>
    /// <param name="other">The one that comes first.</param>
    /// <param name="priority">Whether the other one's inserts stand first, and its formatting stays.</param>
    internal static Delta Transform(Delta changed, Delta other, bool priority)
    {
        var result = new DeltaBuilder();
        var first = new DeltaReader(other.Ops);
        var second = new DeltaReader(changed.Ops);
        while (first.HasNext || second.HasNext)
        {
            if (first.IsInsert && (priority || !second.IsInsert))
            {
                result.Add(DeltaOp.Retain(first.Next().Length));
                continue;
            }

            if (second.IsInsert)
            {
                result.Add(second.Next());
                continue;
            }

            var length = Math.Min(first.Length, second.Length);
            var (theirs, ours) = (first.Next(length), second.Next(length));
            if (theirs.Kind == DeltaKind.Delete)
            {
                // What is gone cannot be deleted or formatted again.
                continue;
            }

            result.Add(ours.Kind == DeltaKind.Delete
                ? ours
                : DeltaOp.Retain(length, AttributeMap.Transform(theirs.Attributes, ours.Attributes, priority)));
        }

        return result.Build();
    }

    /// <summary>Where a position is after this change.</summary>
    /// <param name="index">The position.</param>
    /// <param name="stays">Whether it stays before what is inserted at it.</param>
    internal long TransformPosition(long index, bool stays)
    {
        var offset = 0L;
        foreach (var op in _ops)
        {
            if (offset > index)
            {
                break;
            }

            if (op.Kind == DeltaKind.Delete)
            {
                index -= Math.Min(op.Length, index - offset);
                continue;
            }

            if (op.IsInsert && (offset < index || !stays))
            {
                index += op.Length;
            }

            offset += op.Length;
        }

        return index;
    }

    /// <summary>Reads <c>[…]</c> or <c>{"ops":[…]}</c> into normal form.</summary>
    /// <exception cref="OtException">It is no delta.</exception>
    /// <param name="json">UTF-8 JSON.</param>
    /// <param name="isSubmitted">Whether it is refused where JavaScript clients would take it for something else.</param>
    internal static DeltaBuilder Read(ReadOnlySpan<byte> json, bool isSubmitted = false)
    {
        var builder = new DeltaBuilder();
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            if (isObject && !FindOps(ref reader))
            {
                throw NoDelta();
            }

            ReadOps(ref reader, builder, isSubmitted);
            if (isObject && FindOps(ref reader))
            {
                // JavaScript would take the second.
                throw NoDelta();
            }
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new OtException("A delta cannot be read: " + exception.Message, exception);
        }

        return builder;
    }

    private static void ReadOps(ref Utf8JsonReader reader, DeltaBuilder builder, bool isSubmitted)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw NoDelta();
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            builder.AddInOrder(DeltaOpParser.Read(ref reader, isSubmitted));
        }
    }

    private static OtException NoDelta() => new("A delta is an array of operations, or an object with one such array as 'ops'.");

    private static bool FindOps(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isOps = reader.ValueTextEquals("ops"u8);
            reader.Read();
            if (isOps)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
