using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Starling.Ot.RichText;

/// <summary>A rich text at some version. An edit costs time logarithmic in its length, and versions share what they have in common.</summary>
public sealed class RichTextSnapshot : IOtSnapshot
{
    // {"ops":[]}
    private const int EmptyLength = 10;

    private readonly ChunkTree<DeltaOp>? _runs;

    internal RichTextSnapshot(ChunkTree<DeltaOp>? runs) => _runs = runs;

    /// <summary>UTF-16 units; an embed counts as one.</summary>
    public long Length => ChunkTree<DeltaOp>.LengthOf(_runs);

    /// <inheritdoc/>
    public long EncodedLength => EmptyLength + ChunkTree<DeltaOp>.EncodedLengthOf(_runs);

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        new Delta(ToOps()).WriteTo(output);
    }

    /// <summary>The text as a delta of inserts.</summary>
    internal DeltaOp[] ToOps()
    {
        var merging = new RunMerger();
        ChunkTree<DeltaOp>.Visit(_runs, merging, static (run, state) => state.Add(run));
        return merging.ToOps();
    }

    /// <summary>Applies a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="maxLength">The most bytes of the result; formatting, of which a little can make much, stops there.</param>
    /// <exception cref="OtException">The change goes beyond the end of the text, or makes it too long.</exception>
    internal RichTextSnapshot Apply(Delta change, long maxLength = long.MaxValue)
    {
        if (TryApplyHere(change.Ops, out var near))
        {
            return near;
        }

        ChunkTree<DeltaOp>? done = null;
        var rest = _runs;
        foreach (var op in change.Ops)
        {
            if (op.IsInsert)
            {
                done = ChunkTree<DeltaOp>.Concat(done, ChunkTree<DeltaOp>.Of(op));
                continue;
            }

            if (op.Length > ChunkTree<DeltaOp>.LengthOf(rest))
            {
                throw new OtException(
                    $"The operation goes {op.Length - ChunkTree<DeltaOp>.LengthOf(rest)} characters beyond the end of the document, which has {Length}.");
            }

            var (taken, left) = ChunkTree<DeltaOp>.Split(rest, op.Length);
            rest = left;
            if (op.Kind == DeltaKind.Retain)
            {
                done = ChunkTree<DeltaOp>.Concat(done, op.Attributes is null ? taken
                    : Format(taken, op.Attributes, maxLength == long.MaxValue ? maxLength : maxLength - ChunkTree<DeltaOp>.EncodedLengthOf(done)));
            }
        }

        return new RichTextSnapshot(ChunkTree<DeltaOp>.Concat(done, rest));
    }

    /// <summary>Applies a change at one place, which is what typing is, without taking the text apart.</summary>
    private bool TryApplyHere(ReadOnlySpan<DeltaOp> ops, [NotNullWhen(true)] out RichTextSnapshot? after)
    {
        after = null;
        var index = 0L;
        if (ops is [{ Kind: DeltaKind.Retain, Attributes: null } start, ..])
        {
            index = start.Length;
            ops = ops[1..];
        }

        var inserted = ops is [{ IsInsert: true } insert, ..] ? insert : default(DeltaOp?);
        ops = inserted is null ? ops : ops[1..];
        var removed = ops is [{ Kind: DeltaKind.Delete } delete, ..] ? delete.Length : 0;
        if (_runs is null || ops.Length > (removed > 0 ? 1 : 0) || !ChunkTree<DeltaOp>.TrySplice(_runs, index, removed, inserted, out var runs))
        {
            return false;
        }

        after = new RichTextSnapshot(runs);
        return true;
    }

    /// <summary>The runs of a part of the text.</summary>
    internal DeltaOp[] Slice(long start, long length)
    {
        var (_, from) = ChunkTree<DeltaOp>.Split(_runs, start);
        var (part, _) = ChunkTree<DeltaOp>.Split(from, length);
        return new RichTextSnapshot(part).ToOps();
    }

    private static ChunkTree<DeltaOp>? Format(ChunkTree<DeltaOp>? runs, AttributeMap change, long room)
    {
        ChunkTree<DeltaOp>? formatted = null;
        AttributeMap? last = null;
        foreach (var run in ChunkTree<DeltaOp>.Chunks(runs))
        {
            var attributes = AttributeMap.Compose(run.Attributes, change, keepNull: false);

            // At least so much, since neighbours that are alike become one and share their attributes.
            room -= run.Length + (attributes is null || AttributeMap.Same(last, attributes) ? 0 : attributes.EncodedLength);
            if (room < 0)
            {
                throw new OtException("The document would become too large by the formatting.") { IsTooLarge = true };
            }

            last = attributes;
            formatted = ChunkTree<DeltaOp>.Concat(formatted, ChunkTree<DeltaOp>.Of(run.With(attributes)));
        }

        return formatted;
    }
}
