using System.Buffers;

namespace Starling.Ot.RichText;

/// <summary>A rich text at some version. An edit costs time logarithmic in its length, and versions share what they have in common.</summary>
public sealed class RichTextSnapshot : IOtSnapshot
{
    private readonly RunTree? _runs;

    internal RichTextSnapshot(RunTree? runs) => _runs = runs;

    /// <summary>UTF-16 units; an embed counts as one.</summary>
    public long Length => RunTree.LengthOf(_runs);

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
        RunTree.Visit(_runs, merging, static (run, state) => state.Add(run));
        return merging.ToOps();
    }

    /// <summary>Applies a change.</summary>
    /// <exception cref="OtException">The change goes beyond the end of the text.</exception>
    internal RichTextSnapshot Apply(Delta change)
    {
        RunTree? done = null;
        var rest = _runs;
        foreach (var op in change.Ops)
        {
            if (op.IsInsert)
            {
                done = RunTree.Concat(done, RunTree.Of(op));
                continue;
            }

            if (op.Length > RunTree.LengthOf(rest))
            {
                throw new OtException(
                    $"The operation goes {op.Length - RunTree.LengthOf(rest)} characters beyond the end of the document, which has {Length}.");
            }

            var (taken, left) = RunTree.Split(rest, op.Length);
            rest = left;
            if (op.Kind == DeltaKind.Retain)
            {
                done = RunTree.Concat(done, op.Attributes is null ? taken : Format(taken, op.Attributes));
            }
        }

        return new RichTextSnapshot(RunTree.Concat(done, rest));
    }

    /// <summary>The runs of a part of the text.</summary>
    internal DeltaOp[] Slice(long start, long length)
    {
        var (_, from) = RunTree.Split(_runs, start);
        var (part, _) = RunTree.Split(from, length);
        return new RichTextSnapshot(part).ToOps();
    }

    private static RunTree? Format(RunTree? runs, AttributeMap change)
    {
        var formatted = new List<DeltaOp>();
        RunTree.Visit(runs, (formatted, change), static (run, state) =>
            state.formatted.Add(run.With(AttributeMap.Compose(run.Attributes, state.change, keepNull: false))));
        return formatted.Aggregate((RunTree?)null, static (tree, run) => RunTree.Concat(tree, RunTree.Of(run)));
    }
}
