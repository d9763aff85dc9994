namespace Starling.Documents.Subscriptions;

/// <summary>
/// Finds steps from one list of distinct ids to another: what is gone is removed, what stays but lost its place is moved, what is new is
/// inserted. As few items as possible are moved: those outside the longest run that kept its order.
/// </summary>
internal static class ListDiff
{
    public static List<ListChange> Find(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var changes = new List<ListChange>();
        var target = new Dictionary<string, int>(after.Count, StringComparer.Ordinal);
        for (var i = 0; i < after.Count; i++)
        {
            target[after[i]] = i;
        }

        var list = new List<string>(before);
        Remove(list, target, changes);
        Move(list, target, changes);
        Insert(list, after, changes);
        return changes;
    }

    private static void Remove(List<string> list, Dictionary<string, int> target, List<ListChange> changes)
    {
        for (var end = list.Count; end > 0; end--)
        {
            if (target.ContainsKey(list[end - 1]))
            {
                continue;
            }

            var start = end - 1;
            while (start > 0 && !target.ContainsKey(list[start - 1]))
            {
                start--;
            }

            list.RemoveRange(start, end - start);
            changes.Add(new ListChange.Remove(start, end - start));
            end = start + 1;
        }
    }

    private static void Move(List<string> list, Dictionary<string, int> target, List<ListChange> changes)
    {
        var kept = LongestIncreasing([.. list.Select(id => target[id])]);
        foreach (var id in list.Where(id => !kept.Contains(target[id])).OrderBy(id => target[id]).ToList())
        {
            var from = list.IndexOf(id);
            list.RemoveAt(from);

            // After the last of those in their place that come before it.
            var to = list.FindLastIndex(other => target[other] < target[id] && kept.Contains(target[other])) + 1;
            list.Insert(to, id);
            kept.Add(target[id]);
            if (from != to)
            {
                changes.Add(new ListChange.Move(from, to, 1));
            }
        }
    }

    private static void Insert(List<string> list, IReadOnlyList<string> after, List<ListChange> changes)
    {
        for (var i = 0; i < after.Count; i++)
        {
            if (i < list.Count && list[i] == after[i])
            {
                continue;
            }

            var next = i < list.Count ? list[i] : null;
            var end = i;
            while (end < after.Count && after[end] != next)
            {
                end++;
            }

            var ids = after.Skip(i).Take(end - i).ToList();
            list.InsertRange(i, ids);
            changes.Add(new ListChange.Insert(i, ids));
            i = end - 1;
        }
    }

    /// <summary>The values of a longest increasing subsequence (patience sorting).</summary>
    private static HashSet<int> LongestIncreasing(int[] values)
    {
        var piles = new List<int>();
        var previous = new int[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (low, high) = (0, piles.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = values[piles[middle]] < values[i] ? (middle + 1, high) : (low, middle);
            }

            previous[i] = low == 0 ? -1 : piles[low - 1];
            if (low == piles.Count)
            {
                piles.Add(i);
            }
            else
            {
                piles[low] = i;
            }
        }

        var kept = new HashSet<int>();
        for (var i = piles.Count == 0 ? -1 : piles[^1]; i >= 0; i = previous[i])
        {
            kept.Add(values[i]);
        }

        return kept;
    }
}
