using System.Diagnostics.CodeAnalysis;

namespace Starling.Ot;

/// <summary>
/// A long sequence in bounded pieces, as a weight-balanced tree of them: finding, cutting and joining cost time logarithmic in the number of
/// pieces, and versions share all but the path to where they differ. Immutable; null is the empty sequence.
/// </summary>
internal sealed class ChunkTree<T>
    where T : struct, IChunk<T>
{
    // Adams' balance: neither side holds more than this many times the pieces of the other.
    private const int Weight = 3;

    // Worked out when it is first asked for, since most versions are never asked.
    private long _encodedLength;
    private int _chunkEncodedLength;

    private ChunkTree(ChunkTree<T>? left, T chunk, ChunkTree<T>? right, int chunkEncodedLength = 0)
    {
        _chunkEncodedLength = chunkEncodedLength;
        Left = left;
        Chunk = chunk;
        Right = right;
        Length = LengthOf(left) + chunk.Length + LengthOf(right);
        Count = CountOf(left) + 1 + CountOf(right);
    }

    public ChunkTree<T>? Left { get; }

    public T Chunk { get; }

    public ChunkTree<T>? Right { get; }

    /// <summary>The places of all its pieces together.</summary>
    public long Length { get; }

    /// <summary>How many bytes of JSON all its pieces are together. New versions ask for the new pieces only.</summary>
    public long EncodedLength => _encodedLength > 0 ? _encodedLength : _encodedLength = Measure();

    private int Count { get; }

    public static long LengthOf(ChunkTree<T>? tree) => tree?.Length ?? 0;

    public static long EncodedLengthOf(ChunkTree<T>? tree) => tree?.EncodedLength ?? 0;

    /// <summary>A tree of one piece, however long.</summary>
    public static ChunkTree<T>? Of(in T whole)
    {
        ChunkTree<T>? tree = null;
        for (var start = 0; start < whole.Length; start += T.Longest)
        {
            tree = Join(tree, whole.Slice(start, Math.Min(T.Longest, whole.Length - start)), null);
        }

        return tree;
    }

    /// <summary>Puts two sequences together. Pieces that meet and are alike become one.</summary>
    public static ChunkTree<T>? Concat(ChunkTree<T>? left, ChunkTree<T>? right)
    {
        if (left is null || right is null)
        {
            return left ?? right;
        }

        var (rest, last) = SplitLast(left);
        var first = First(right);
        if (last.TryJoin(first, out var joined))
        {
            var (_, after) = Split(right, first.Length);
            return Join(rest, joined, after);
        }

        return Join(rest, last, right);
    }

    /// <summary>Cuts a sequence.</summary>
    public static (ChunkTree<T>? Before, ChunkTree<T>? After) Split(ChunkTree<T>? tree, long index)
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
            return (before, Join(after, tree.Chunk, tree.Right));
        }

        var offset = (int)Math.Min(index - left, int.MaxValue);
        if (offset >= tree.Chunk.Length)
        {
            var (before, after) = Split(tree.Right, index - left - tree.Chunk.Length);
            return (Join(tree.Left, tree.Chunk, before), after);
        }

        if (offset == 0)
        {
            return (tree.Left, Join(null, tree.Chunk, tree.Right));
        }

        return (Join(tree.Left, tree.Chunk.Slice(0, offset), null), Join(null, tree.Chunk.Slice(offset, tree.Chunk.Length - offset), tree.Right));
    }

    /// <summary>The piece at a place, and which of its places that is.</summary>
    public (T Chunk, int Offset) Find(long index)
    {
        var tree = this;
        while (true)
        {
            var left = LengthOf(tree.Left);
            if (index < left)
            {
                tree = tree.Left!;
                continue;
            }

            index -= left;
            if (index < tree.Chunk.Length)
            {
                return (tree.Chunk, (int)index);
            }

            index -= tree.Chunk.Length;
            tree = tree.Right ?? throw new ArgumentOutOfRangeException(nameof(index));
        }
    }

    /// <summary>The same with another piece of the same length in the place of the one at a place.</summary>
    public ChunkTree<T> Replace(long index, in T chunk)
    {
        var left = LengthOf(Left);
        return index < left ? new ChunkTree<T>(Left!.Replace(index, chunk), Chunk, Right, _chunkEncodedLength)
            : index < left + Chunk.Length ? new ChunkTree<T>(Left, chunk, Right)
            : new ChunkTree<T>(Left, Chunk, Right!.Replace(index - left - Chunk.Length, chunk), _chunkEncodedLength);
    }

    /// <summary>
    /// Changes places that lie in one piece, which costs the path to it and nothing else; false, where they do not or the piece would become
    /// too long or empty.
    /// </summary>
    /// <param name="tree">The sequence.</param>
    /// <param name="index">The place of the change. One between two pieces belongs to the end of the first.</param>
    /// <param name="removed">How many places are taken out.</param>
    /// <param name="inserted">What is put in, or nothing.</param>
    /// <param name="changed">The changed sequence.</param>
    public static bool TrySplice(ChunkTree<T> tree, long index, int removed, in T? inserted, [NotNullWhen(true)] out ChunkTree<T>? changed)
    {
        changed = null;
        var offset = index - LengthOf(tree.Left);
        if (offset < 0 || (offset == 0 && index > 0))
        {
            if (TrySplice(tree.Left!, index, removed, inserted, out var left))
            {
                changed = new ChunkTree<T>(left, tree.Chunk, tree.Right, tree._chunkEncodedLength);
            }
        }
        else if (offset <= tree.Chunk.Length)
        {
            if (tree.Chunk.TrySplice((int)offset, removed, inserted, out var chunk))
            {
                changed = new ChunkTree<T>(tree.Left, chunk, tree.Right);
            }
        }
        else if (tree.Right is not null && TrySplice(tree.Right, offset - tree.Chunk.Length, removed, inserted, out var right))
        {
            changed = new ChunkTree<T>(tree.Left, tree.Chunk, right, tree._chunkEncodedLength);
        }

        return changed is not null;
    }

    /// <summary>The pieces in order.</summary>
    public static void Visit<TState>(ChunkTree<T>? tree, TState state, Action<T, TState> visit)
    {
        if (tree is not null)
        {
            Visit(tree.Left, state, visit);
            visit(tree.Chunk, state);
            Visit(tree.Right, state, visit);
        }
    }

    /// <summary>The pieces in order.</summary>
    public static IEnumerable<T> Chunks(ChunkTree<T>? tree)
    {
        var above = new Stack<ChunkTree<T>>();
        while (tree is not null || above.Count > 0)
        {
            while (tree is not null)
            {
                above.Push(tree);
                tree = tree.Left;
            }

            var next = above.Pop();
            yield return next.Chunk;
            tree = next.Right;
        }
    }

    private static int CountOf(ChunkTree<T>? tree) => tree?.Count ?? 0;

    private long Measure()
    {
        var length = (long)(_chunkEncodedLength > 0 ? _chunkEncodedLength : _chunkEncodedLength = Chunk.EncodedLength);
        if (Left is { } left)
        {
            length += left.EncodedLength + T.SeamLength(Last(left), Chunk);
        }

        if (Right is { } right)
        {
            length += right.EncodedLength + T.SeamLength(Chunk, First(right));
        }

        return length;
    }

    private static T Last(ChunkTree<T> tree)
    {
        while (tree.Right is { } right)
        {
            tree = right;
        }

        return tree.Chunk;
    }

    private static T First(ChunkTree<T> tree)
    {
        while (tree.Left is { } left)
        {
            tree = left;
        }

        return tree.Chunk;
    }

    private static (ChunkTree<T>? Before, T Last) SplitLast(ChunkTree<T> tree)
    {
        if (tree.Right is null)
        {
            return (tree.Left, tree.Chunk);
        }

        var (rest, last) = SplitLast(tree.Right);
        return (Balance(tree.Left, tree.Chunk, rest), last);
    }

    /// <summary>Joins two trees with a piece between; costs the difference of their heights.</summary>
    private static ChunkTree<T> Join(ChunkTree<T>? left, in T chunk, ChunkTree<T>? right)
    {
        if (left is not null && CountOf(left) > (Weight * CountOf(right)) + 1)
        {
            return Balance(left.Left, left.Chunk, Join(left.Right, chunk, right));
        }

        if (right is not null && CountOf(right) > (Weight * CountOf(left)) + 1)
        {
            return Balance(Join(left, chunk, right.Left), right.Chunk, right.Right);
        }

        return new ChunkTree<T>(left, chunk, right);
    }

    private static ChunkTree<T> Balance(ChunkTree<T>? left, in T chunk, ChunkTree<T>? right)
    {
        var (leftCount, rightCount) = (CountOf(left), CountOf(right));
        if (leftCount + rightCount < 2)
        {
            return new ChunkTree<T>(left, chunk, right);
        }

        if (rightCount > Weight * leftCount)
        {
            return CountOf(right!.Left) < 2 * CountOf(right.Right) || right.Left is null
                ? new ChunkTree<T>(new ChunkTree<T>(left, chunk, right.Left), right.Chunk, right.Right)
                : new ChunkTree<T>(
                    new ChunkTree<T>(left, chunk, right.Left.Left), right.Left.Chunk, new ChunkTree<T>(right.Left.Right, right.Chunk, right.Right));
        }

        if (leftCount > Weight * rightCount)
        {
            return CountOf(left!.Right) < 2 * CountOf(left.Left) || left.Right is null
                ? new ChunkTree<T>(left.Left, left.Chunk, new ChunkTree<T>(left.Right, chunk, right))
                : new ChunkTree<T>(
                    new ChunkTree<T>(left.Left, left.Chunk, left.Right.Left), left.Right.Chunk, new ChunkTree<T>(left.Right.Right, chunk, right));
        }

        return new ChunkTree<T>(left, chunk, right);
    }
}
