namespace Starling.Ot.RichText;

/// <summary>
/// The runs of a text as a weight-balanced tree: finding, cutting and joining cost time logarithmic in the number of runs, and versions share
/// all but the path to where they differ. Immutable; null is the empty text.
/// </summary>
internal sealed class RunTree
{
    // Runs are bounded, so that cutting one costs little however long the text is; neighbours are made one run up to this length.
    private const int LongestRun = 1024;

    // Adams' balance: neither side holds more than this many times the runs of the other.
    private const int Weight = 3;

    private RunTree(RunTree? left, DeltaOp run, RunTree? right)
    {
        Left = left;
        Run = run;
        Right = right;
        Length = LengthOf(left) + run.Length + LengthOf(right);
        Count = CountOf(left) + 1 + CountOf(right);
    }

    public RunTree? Left { get; }

    public DeltaOp Run { get; }

    public RunTree? Right { get; }

    /// <summary>UTF-16 units; embeds count as one.</summary>
    public long Length { get; }

    private int Count { get; }

    public static long LengthOf(RunTree? tree) => tree?.Length ?? 0;

    /// <summary>A tree of one insert, however long.</summary>
    public static RunTree? Of(in DeltaOp insert)
    {
        RunTree? tree = null;
        for (var start = 0; start < insert.Length; start += LongestRun)
        {
            tree = Join(tree, insert.Slice(start, Math.Min(LongestRun, insert.Length - start)), null);
        }

        return tree;
    }

    /// <summary>Puts two texts together. Runs that meet and are alike become one.</summary>
    public static RunTree? Concat(RunTree? left, RunTree? right)
    {
        if (left is null || right is null)
        {
            return left ?? right;
        }

        var (rest, last) = SplitLast(left);
        var first = First(right);
        if (last.Kind == DeltaKind.Text && first.Kind == DeltaKind.Text && last.Length + first.Length <= LongestRun
            && AttributeMap.Same(last.Attributes, first.Attributes))
        {
            var (_, after) = Split(right, first.Length);
            return Join(rest, DeltaOp.InsertText(last.Text + first.Text, last.Attributes), after);
        }

        return Join(rest, last, right);
    }

    /// <summary>Cuts a text.</summary>
    public static (RunTree? Before, RunTree? After) Split(RunTree? tree, long index)
    {
        if (tree is null || index <= 0)
        {
            return (null, tree);
        }

        if (index >= tree.Length)
        {
            return (tree, null);
        }

        var left = LengthOf(tree.Left);
        if (index < left)
        {
            var (before, after) = Split(tree.Left, index);
            return (before, Join(after, tree.Run, tree.Right));
        }

        var offset = (int)Math.Min(index - left, int.MaxValue);
        if (offset >= tree.Run.Length)
        {
            var (before, after) = Split(tree.Right, index - left - tree.Run.Length);
            return (Join(tree.Left, tree.Run, before), after);
        }

        if (offset == 0)
        {
            return (tree.Left, Join(null, tree.Run, tree.Right));
        }

        return (Join(tree.Left, tree.Run.Slice(0, offset), null), Join(null, tree.Run.Slice(offset, tree.Run.Length - offset), tree.Right));
    }

    /// <summary>The runs in order.</summary>
    public static void Visit<TState>(RunTree? tree, TState state, Action<DeltaOp, TState> visit)
    {
        if (tree is not null)
        {
            Visit(tree.Left, state, visit);
            visit(tree.Run, state);
            Visit(tree.Right, state, visit);
        }
    }

    private static int CountOf(RunTree? tree) => tree?.Count ?? 0;

    private static DeltaOp First(RunTree tree)
    {
        while (tree.Left is { } left)
        {
            tree = left;
        }

        return tree.Run;
    }

    private static (RunTree? Before, DeltaOp Last) SplitLast(RunTree tree)
    {
        if (tree.Right is null)
        {
            return (tree.Left, tree.Run);
        }

        var (rest, last) = SplitLast(tree.Right);
        return (Balance(tree.Left, tree.Run, rest), last);
    }

    /// <summary>Joins two trees with a run between; costs the difference of their heights.</summary>
    private static RunTree Join(RunTree? left, in DeltaOp run, RunTree? right)
    {
        if (left is not null && CountOf(left) > (Weight * CountOf(right)) + 1)
        {
            return Balance(left.Left, left.Run, Join(left.Right, run, right));
        }

        if (right is not null && CountOf(right) > (Weight * CountOf(left)) + 1)
        {
            return Balance(Join(left, run, right.Left), right.Run, right.Right);
        }

        return new RunTree(left, run, right);
    }

    private static RunTree Balance(RunTree? left, in DeltaOp run, RunTree? right)
    {
        var (leftCount, rightCount) = (CountOf(left), CountOf(right));
        if (leftCount + rightCount < 2)
        {
            return new RunTree(left, run, right);
        }

        if (rightCount > Weight * leftCount)
        {
            return CountOf(right!.Left) < 2 * CountOf(right.Right) || right.Left is null
                ? new RunTree(new RunTree(left, run, right.Left), right.Run, right.Right)
                : new RunTree(new RunTree(left, run, right.Left.Left), right.Left.Run, new RunTree(right.Left.Right, right.Run, right.Right));
        }

        if (leftCount > Weight * rightCount)
        {
            return CountOf(left!.Right) < 2 * CountOf(left.Left) || left.Right is null
                ? new RunTree(left.Left, left.Run, new RunTree(left.Right, run, right))
                : new RunTree(new RunTree(left.Left, left.Run, left.Right.Left), left.Right.Run, new RunTree(left.Right.Right, run, right));
        }

        return new RunTree(left, run, right);
    }
}
