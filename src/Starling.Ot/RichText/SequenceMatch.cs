namespace Starling.Ot.RichText;

/// <summary>
/// Finds what two sequences have in common with the fewest insertions and deletions between (E. W. Myers, An O(ND) Difference Algorithm and Its
/// Variations, 1986).
/// </summary>
internal readonly ref struct SequenceMatch(ReadOnlySpan<int> before, ReadOnlySpan<int> after)
{
    private const int Unreachable = int.MinValue / 2;

    private readonly ReadOnlySpan<int> _before = before;
    private readonly ReadOnlySpan<int> _after = after;

    /// <summary>Marks what is kept; gives up where there are more differences than <paramref name="most"/>, since it takes their square.</summary>
    public bool TryFind(int most, Span<bool> keptBefore, Span<bool> keptAfter)
    {
        most = Math.Min(most, _before.Length + _after.Length);
        var furthest = new int[(2 * most) + 3];
        Array.Fill(furthest, Unreachable);
        var trace = new List<int[]>();
        for (var edits = 0; edits <= most; edits++)
        {
            for (var diagonal = -edits; diagonal <= edits; diagonal += 2)
            {
                var x = edits == 0 ? 0 : Step(furthest, most + 1 + diagonal, diagonal);
                while (x >= 0 && x < _before.Length && x - diagonal < _after.Length && _before[x] == _after[x - diagonal])
                {
                    x++;
                }

                furthest[most + 1 + diagonal] = x;
            }

            var end = _before.Length - _after.Length;
            trace.Add(furthest[(most + 1 - edits)..(most + 2 + edits)]);
            if (Math.Abs(end) <= edits && furthest[most + 1 + end] == _before.Length)
            {
                Mark(trace, keptBefore, keptAfter);
                return true;
            }
        }

        return false;
    }

    // The furthest place on a diagonal that one more edit leads to: a deletion from the one below, an insertion from the one above.
    private int Step(int[] furthest, int at, int diagonal)
    {
        var deletion = furthest[at - 1] < _before.Length ? furthest[at - 1] + 1 : Unreachable;
        var insertion = furthest[at + 1] - diagonal <= _after.Length ? furthest[at + 1] : Unreachable;
        return Math.Max(deletion, insertion);
    }

    // Goes back from the end, edit by edit; what lies between two edits on one diagonal is kept.
    private void Mark(List<int[]> trace, Span<bool> keptBefore, Span<bool> keptAfter)
    {
        var (x, diagonal) = (_before.Length, _before.Length - _after.Length);
        for (var edits = trace.Count - 1; edits >= 0; edits--)
        {
            var start = 0;
            var next = diagonal;
            if (edits > 0)
            {
                var below = At(trace[edits - 1], edits - 1, diagonal - 1);
                var deletion = below < _before.Length ? below + 1 : Unreachable;
                var above = At(trace[edits - 1], edits - 1, diagonal + 1);
                var insertion = above - diagonal <= _after.Length ? above : Unreachable;
                start = Math.Max(deletion, insertion);
                next = deletion >= insertion ? diagonal - 1 : diagonal + 1;
            }

            for (; x > start; x--)
            {
                keptBefore[x - 1] = true;
                keptAfter[x - 1 - diagonal] = true;
            }

            x = next < diagonal ? x - 1 : x;
            diagonal = next;
        }
    }

    private static int At(int[] furthest, int edits, int diagonal) => Math.Abs(diagonal) <= edits ? furthest[diagonal + edits] : Unreachable;
}
