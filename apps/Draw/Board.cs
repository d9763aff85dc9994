using System.Diagnostics.CodeAnalysis;

namespace Starling.Apps.Draw;

/// <summary>One picture and the people at it. Thread-safe; everything on it is bounded.</summary>
internal sealed class Board
{
    public const int MaxStrokes = 5_000;
    public const int MaxCoordinates = 1_000_000;
    public const int MaxCoordinatesPerStroke = 20_000;
    public const int MaxPeople = 500;

    private readonly Lock _gate = new();
    private readonly List<Stroke> _strokes = [];
    private readonly Dictionary<string, Stroke> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private int _coordinates;

    public bool IsDeserted
    {
        get
        {
            lock (_gate)
            {
                return _people.Count == 0;
            }
        }
    }

    /// <summary>Adds somebody by the id of the socket; false when the board is full.</summary>
    public bool TryEnter(string socketId, Person person)
    {
        lock (_gate)
        {
            if (_people.Count >= MaxPeople && !_people.ContainsKey(socketId))
            {
                return false;
            }

            _people[socketId] = person;
            return true;
        }
    }

    public void Leave(string socketId)
    {
        lock (_gate)
        {
            _people.Remove(socketId);
        }
    }

    public IReadOnlyList<Person> People()
    {
        lock (_gate)
        {
            return [.. _people.Values.DistinctBy(static person => person.Author).OrderBy(static person => person.Name, StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<StrokeView> Picture()
    {
        lock (_gate)
        {
            return [.. _strokes.Select(static stroke => stroke.View())];
        }
    }

    /// <summary>Adds a part of a stroke.</summary>
    /// <param name="author">Who draws.</param>
    /// <param name="part">The part, checked by itself.</param>
    /// <param name="added">What others have to draw; null when all of it was there already.</param>
    /// <returns>Why the part cannot be added, or null.</returns>
    public string? Draw(string author, PointsRequest part, out StrokeView? added)
    {
        added = null;
        lock (_gate)
        {
            if (!TryGetStroke(author, part, out var stroke, out var error))
            {
                return error;
            }

            if (part.From > stroke.Length)
            {
                return $"Coordinates {stroke.Length} to {part.From - 1} of this stroke are missing.";
            }

            if (Math.Max(stroke.Length, part.From + part.Points!.Length) > MaxCoordinatesPerStroke)
            {
                return $"A stroke has at most {MaxCoordinatesPerStroke / 2} points.";
            }

            var from = stroke.Length;
            var fresh = stroke.Add(part.From, part.Points);
            _coordinates += fresh.Length;
            added = fresh.Length == 0 ? null : stroke.View(from, fresh);
            return null;
        }
    }

    /// <summary>Takes back the author's last stroke and returns its id.</summary>
    public string? Undo(string author)
    {
        lock (_gate)
        {
            var index = _strokes.FindLastIndex(stroke => stroke.Author == author);
            if (index < 0)
            {
                return null;
            }

            var stroke = _strokes[index];
            _strokes.RemoveAt(index);
            _byId.Remove(stroke.Id);
            _coordinates -= stroke.Length;
            return stroke.Id;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _strokes.Clear();
            _byId.Clear();
            _coordinates = 0;
        }
    }

    private bool TryGetStroke(string author, PointsRequest part, [NotNullWhen(true)] out Stroke? stroke, out string? error)
    {
        error = null;
        if (_byId.TryGetValue(part.Stroke!, out stroke))
        {
            error = stroke.Author == author ? null : "This stroke is somebody else's.";
            return error is null;
        }

        if (part.From > 0)
        {
            error = "This stroke was taken back.";
        }
        else if (_strokes.Count >= MaxStrokes || _coordinates >= MaxCoordinates)
        {
            error = "The board is full; clear it to go on.";
        }

        if (error is not null)
        {
            return false;
        }

        stroke = new Stroke(part.Stroke!, author, part.Color!, part.Width);
        _strokes.Add(stroke);
        _byId[stroke.Id] = stroke;
        return true;
    }
}
