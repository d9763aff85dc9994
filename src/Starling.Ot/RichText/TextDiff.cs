using System.Runtime.InteropServices;

namespace Starling.Ot.RichText;

/// <summary>Compares two texts by characters; where they differ in too much for that, by lines.</summary>
internal static class TextDiff
{
    private const int MostCharacterEdits = 1_000;
    private const int MostLineEdits = 4_000;

    /// <summary>What is kept, deleted and inserted, as lengths in UTF-16 units. Pairs of surrogates are not divided.</summary>
    public static IEnumerable<(DeltaKind Kind, int Length)> Compare(string before, string after)
    {
        var (old, now) = (Characters(before), Characters(after));
        var (keptOld, keptNow) = (new bool[old.Length], new bool[now.Length]);
        var start = old.AsSpan().CommonPrefixLength(now);
        var end = CommonEnd(old.AsSpan(start), now.AsSpan(start));
        MarkEnds(keptOld, start, end);
        MarkEnds(keptNow, start, end);
        var oldMiddle = old.AsSpan()[start..^end];
        var nowMiddle = now.AsSpan()[start..^end];
        var (keptOldMiddle, keptNowMiddle) = (keptOld.AsMemory()[start..^end], keptNow.AsMemory()[start..^end]);
        if (!new SequenceMatch(oldMiddle, nowMiddle).TryFind(MostCharacterEdits, keptOldMiddle.Span, keptNowMiddle.Span))
        {
            MatchLines(oldMiddle, nowMiddle, keptOldMiddle.Span, keptNowMiddle.Span);
        }

        return Parts(old, now, keptOld, keptNow);
    }

    private static int[] Characters(string text)
    {
        var characters = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            characters.Add(isPair ? char.ConvertToUtf32(text[i], text[++i]) : text[i]);
        }

        return [.. characters];
    }

    private static int CommonEnd(ReadOnlySpan<int> old, ReadOnlySpan<int> now)
    {
        var length = 0;
        while (length < old.Length && length < now.Length && old[^(length + 1)] == now[^(length + 1)])
        {
            length++;
        }

        return length;
    }

    private static void MarkEnds(bool[] kept, int start, int end)
    {
        kept.AsSpan(0, start).Fill(true);
        kept.AsSpan(kept.Length - end).Fill(true);
    }

    private static void MatchLines(ReadOnlySpan<int> old, ReadOnlySpan<int> now, Span<bool> keptOld, Span<bool> keptNow)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var (oldLines, oldEnds) = Lines(old, ids);
        var (nowLines, nowEnds) = Lines(now, ids);
        var (keptOldLines, keptNowLines) = (new bool[oldLines.Count], new bool[nowLines.Count]);
        _ = new SequenceMatch(CollectionsMarshal.AsSpan(oldLines), CollectionsMarshal.AsSpan(nowLines)).TryFind(MostLineEdits, keptOldLines, keptNowLines);
        MarkLines(keptOldLines, oldEnds, keptOld);
        MarkLines(keptNowLines, nowEnds, keptNow);
    }

    // Equal lines have the same number.
    private static (List<int> Lines, List<int> Ends) Lines(ReadOnlySpan<int> text, Dictionary<string, int> ids)
    {
        var (lines, ends) = (new List<int>(), new List<int>());
        for (var start = 0; start < text.Length;)
        {
            var length = text[start..].IndexOf('\n') is >= 0 and var found ? found + 1 : text.Length - start;
            // The bytes of its characters, which serve as a key.
            var line = new string(MemoryMarshal.Cast<int, char>(text.Slice(start, length)));
            if (!ids.TryGetValue(line, out var id))
            {
                id = ids.Count;
                ids.Add(line, id);
            }

            lines.Add(id);
            start += length;
            ends.Add(start);
        }

        return (lines, ends);
    }

    private static void MarkLines(bool[] lines, List<int> ends, Span<bool> kept)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            kept[(i == 0 ? 0 : ends[i - 1])..ends[i]].Fill(lines[i]);
        }
    }

    private static IEnumerable<(DeltaKind Kind, int Length)> Parts(int[] old, int[] now, bool[] keptOld, bool[] keptNow)
    {
        var (i, j) = (0, 0);
        while (i < old.Length || j < now.Length)
        {
            var deleted = Changed(old, keptOld, ref i);
            var inserted = Changed(now, keptNow, ref j);
            if (inserted > 0)
            {
                yield return (DeltaKind.Text, inserted);
            }

            if (deleted > 0)
            {
                yield return (DeltaKind.Delete, deleted);
            }

            var kept = Kept(old, keptOld, keptNow, ref i, ref j);
            if (kept > 0)
            {
                yield return (DeltaKind.Retain, kept);
            }
        }
    }

    private static int Changed(int[] text, bool[] kept, ref int at)
    {
        var units = 0;
        for (; at < text.Length && !kept[at]; at++)
        {
            units += Units(text[at]);
        }

        return units;
    }

    private static int Kept(int[] old, bool[] keptOld, bool[] keptNow, ref int i, ref int j)
    {
        var units = 0;
        for (; i < old.Length && keptOld[i] && j < keptNow.Length && keptNow[j]; i++, j++)
        {
            units += Units(old[i]);
        }

        return units;
    }

    private static int Units(int character) => character > char.MaxValue ? 2 : 1;
}
