using System.Runtime.InteropServices;

namespace Starling.Apps.Draw;

/// <summary>One line on a board. Guarded by its board.</summary>
internal sealed class Stroke(long number, string id, string author, string color, int width)
{
    // Coordinates run to 10,000: two bytes each hold them.
    private readonly List<short> _points = [];

    /// <summary>The stroke's place in the order of its board.</summary>
    public long Number { get; } = number;

    public string Id { get; } = id;

    public string Author { get; } = author;

    public string Color { get; } = color;

    public int Width { get; } = width;

    public int Length => _points.Count;

    /// <summary>How many coordinates of a part are new.</summary>
    public int CountNew(int from, int count) => Math.Max(0, from + count - _points.Count);

    /// <summary>Adds the new coordinates of a part.</summary>
    /// <returns>The new coordinates.</returns>
    public short[] Add(int from, ReadOnlySpan<int> points)
    {
        var fresh = points[Math.Min(_points.Count - from, points.Length)..];
        var added = new short[fresh.Length];
        for (var i = 0; i < added.Length; i++)
        {
            added[i] = (short)fresh[i];
        }

        _points.AddRange(added);
        return added;
    }

    /// <summary>Adds coordinates as they are kept on disk.</summary>
    public void Add(ReadOnlySpan<byte> points) => CollectionExtensions.AddRange(_points, MemoryMarshal.Cast<byte, short>(points));

    public StrokeView View(int from, short[] points) => new(Id, Author, Color, Width, from, points);

    public StrokeView View() => View(0, [.. _points]);
}
