namespace Starling.Apps.Draw;

/// <summary>One line on a board. Guarded by its board.</summary>
internal sealed class Stroke(string id, string author, string color, int width)
{
    private readonly List<int> _points = [];

    public string Id { get; } = id;

    public string Author { get; } = author;

    public int Length => _points.Count;

    /// <summary>Adds what of a part is new.</summary>
    /// <returns>The new coordinates.</returns>
    public int[] Add(int from, int[] points)
    {
        var fresh = points[Math.Min(_points.Count - from, points.Length)..];
        _points.AddRange(fresh);
        return fresh;
    }

    public StrokeView View(int from, int[] points) => new(Id, Author, color, width, from, points);

    public StrokeView View() => View(0, [.. _points]);
}
