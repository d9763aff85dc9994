namespace Starling.Apps.Editor.Export;

/// <summary>Counts the items of ordered lists, each level by itself.</summary>
internal sealed class ListNumbers
{
    private readonly int[] _counts = new int[9];

    /// <summary>The number of a line, if it is an item of an ordered list.</summary>
    public int Next(Line line)
    {
        if (line.List is null)
        {
            Array.Clear(_counts);
            return 0;
        }

        Array.Clear(_counts, line.Indent + 1, _counts.Length - line.Indent - 1);
        return line.List == "ordered" ? ++_counts[line.Indent] : _counts[line.Indent] = 0;
    }
}
