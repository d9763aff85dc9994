using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Starling.Apps.Watcher.Watching;

/// <summary>A visitor as the master knows it. Owner: <see cref="Watch"/>, whose lock guards it.</summary>
internal sealed class WatchedVisitor(int number, string id, int maxTrail, DateTimeOffset arrivedAt)
{
    private readonly Queue<Position> _trail = new();
    private readonly List<int> _fresh = [];
    private DateTimeOffset? _movedAt;

    public string Id => id;

    /// <summary>Its connections: two for a while when it came back before the loss of the first was noticed, or when its page was opened twice.</summary>
    public HashSet<(int Pid, int Connection)> Connections { get; } = [];

    public int Worker { get; set; }

    public int Pid { get; set; }

    /// <summary>Since when it is without a connection; null while it has one.</summary>
    public DateTimeOffset? AwaySince { get; set; }

    public void Move(ReadOnlySpan<int> coordinates, DateTimeOffset now)
    {
        _movedAt = now;
        for (; coordinates.Length >= 2; coordinates = coordinates[2..])
        {
            var position = new Position(Clamp(coordinates[0]), Clamp(coordinates[1]));
            if (_trail.Count == maxTrail)
            {
                _trail.Dequeue();
            }

            _trail.Enqueue(position);
            if (_fresh.Count >= 2 * maxTrail)
            {
                _fresh.RemoveRange(0, 2);
            }

            _fresh.Add(position.X);
            _fresh.Add(position.Y);
        }
    }

    /// <summary>Takes what was not told yet: its number, then coordinates; null for nothing.</summary>
    public int[]? TakeFresh()
    {
        if (_fresh.Count == 0)
        {
            return null;
        }

        int[] fresh = [number, .. _fresh];
        _fresh.Clear();
        return fresh;
    }

    public VisitorView View(bool withTrail) => new(number, Name(), arrivedAt, Worker, Pid, AwaySince is null)
    {
        MovedAt = _movedAt,
        Trail = withTrail ? [.. _trail.SelectMany(position => new int[] { position.X, position.Y })] : null,
    };

    // The id itself is the visitor's alone: who has it can move its pointer.
    private string Name() => string.Create(
        CultureInfo.InvariantCulture, $"Visitor {Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(id)).AsSpan(0, 2))}");

    private static ushort Clamp(int coordinate) => (ushort)Math.Clamp(coordinate, 0, ushort.MaxValue);
}
