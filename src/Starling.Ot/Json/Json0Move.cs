namespace Starling.Ot.Json;

/// <summary>Where places in a list are after an item was moved from one index to another.</summary>
internal readonly struct Json0Move(long from, long to)
{
    public long From => from;

    public long To => to;

    /// <summary>The index of an item.</summary>
    public long Follow(long index)
    {
        if (index == from)
        {
            return to;
        }

        var isPushed = index > to || (index == to && from > to);
        return index - (index > from ? 1 : 0) + (isPushed ? 1 : 0);
    }

    /// <summary>The index at which something is to be inserted.</summary>
    public long FollowGap(long index) => index - (index > from ? 1 : 0) + (index > to ? 1 : 0);

    /// <summary>A concurrent move of another item, or null where the other one wins.</summary>
    /// <param name="mine">The concurrent move.</param>
    /// <param name="side">Its side.</param>
    public Json0Move? Transform(Json0Move mine, OtSide side)
    {
        if (from == to)
        {
            return mine;
        }

        var (start, end) = (mine.From, mine.To);
        if (start == from)
        {
            // Both move the same item: the left one's target counts, unless it wants it to stay.
            return side == OtSide.Right ? null : new Json0Move(to, start == end ? to : end);
        }

        var isPushedBack = start == to && from > to;
        var target = end - (end > from || (end == from && end > start) ? 1 : 0) + (isPushedBack && start == end ? 1 : 0);
        return new Json0Move(Follow(start), target + TargetShift(start, end, side));
    }

    private int TargetShift(long start, long end, OtSide side)
    {
        if (end != to)
        {
            return end > to ? 1 : 0;
        }

        if ((to > from && end > start) || (to < from && end < start))
        {
            // Both come to the same place from the same side.
            return side == OtSide.Right ? 1 : 0;
        }

        return end > start ? 1 : end == from ? -1 : 0;
    }
}
