using System.Diagnostics.CodeAnalysis;

namespace Starling.Apps.Draw;

/// <summary>
/// One picture and the people at it, in memory; every change goes to the store in the same order. Thread-safe; everything on it is bounded.
/// </summary>
/// <param name="name">The board's name.</param>
/// <param name="picture">What the store has of it.</param>
/// <param name="store">Keeps it.</param>
/// <param name="time">Tells until when a clear can be undone.</param>
internal sealed class Board(string name, StoredPicture picture, DrawStore store, TimeProvider time)
{
    public const int MaxStrokes = 5_000;
    public const int MaxCoordinates = 1_000_000;
    public const int MaxCoordinatesPerStroke = 20_000;
    public const int MaxPeople = 500;

    /// <summary>How long a clear can be undone.</summary>
    public static readonly TimeSpan ClearIsUndoable = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly List<Stroke> _strokes = picture.Strokes;
    private readonly Dictionary<string, Stroke> _byId = picture.Strokes.ToDictionary(static stroke => stroke.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private List<Stroke> _cleared = picture.Cleared;
    private ClearView? _clear = picture.Clear;
    private int _coordinates = picture.Strokes.Sum(static stroke => stroke.Length);
    private long _at;
    private Task _turn = Task.CompletedTask;
    private long _next = picture.Strokes.Concat(picture.Cleared).Select(static stroke => stroke.Number).DefaultIfEmpty().Max() + 1;

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

    /// <summary>Adds a person by the id of the socket; false when the board is full.</summary>
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

    /// <summary>The picture, the number of the change that made it, and the clear that can still be undone, if there is one.</summary>
    public (IReadOnlyList<StrokeView> Strokes, long At, ClearView? Cleared) Picture()
    {
        lock (_gate)
        {
            return ([.. _strokes.Select(static stroke => stroke.View())], _at, Undoable());
        }
    }

    /// <summary>Adds a part of a stroke.</summary>
    /// <param name="author">Who draws.</param>
    /// <param name="part">The part, checked by itself.</param>
    /// <param name="added">What others have to draw; null when all of it was there already.</param>
    /// <param name="change">The change; null when all of it was there already.</param>
    /// <returns>Why the part cannot be added, or null.</returns>
    public string? Draw(string author, PointsRequest part, out StrokeView? added, out BoardChange? change)
    {
        (added, change) = (null, null);
        lock (_gate)
        {
            var points = part.Points!;
            if (!TryGetStroke(author, part, out var stroke, out var error))
            {
                return error;
            }

            if (part.From > stroke.Length)
            {
                return $"Coordinates {stroke.Length} to {part.From - 1} of this stroke are missing.";
            }

            if (Math.Max(stroke.Length, part.From + points.Length) > MaxCoordinatesPerStroke)
            {
                return $"A stroke has at most {MaxCoordinatesPerStroke / 2} points.";
            }

            if (_coordinates + stroke.CountNew(part.From, points.Length) > MaxCoordinates)
            {
                return "The board is full; clear it to go on.";
            }

            if (_byId.TryAdd(stroke.Id, stroke))
            {
                _strokes.Add(stroke);
            }

            var from = stroke.Length;
            var fresh = stroke.Add(part.From, points);
            _coordinates += fresh.Length;
            if (fresh.Length > 0)
            {
                added = stroke.View(from, fresh);
                change = Changed(store.AddAsync(name, stroke, from, fresh));
            }

            return null;
        }
    }

    /// <summary>Takes a stroke of the author back. One that is not there was taken back before.</summary>
    /// <returns>Why it cannot be taken back, and the change, if there is one.</returns>
    public (string? Error, BoardChange? Change) Undo(string author, string id)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out var stroke))
            {
                return (null, null);
            }

            if (stroke.Author != author)
            {
                return ("This stroke is another person's.", null);
            }

            _strokes.Remove(stroke);
            _byId.Remove(id);
            _coordinates -= stroke.Length;
            return (null, Changed(store.RemoveAsync(name, stroke.Number)));
        }
    }

    /// <summary>Clears the board; the strokes are kept for a while, so that anyone can bring them back.</summary>
    public (ClearView Clear, BoardChange? Change) Clear(string id, string by)
    {
        lock (_gate)
        {
            if (_clear?.Id == id)
            {
                return (_clear, null);
            }

            _cleared = [.. _strokes];
            _strokes.Clear();
            _byId.Clear();
            _coordinates = 0;
            _clear = new ClearView(id, by, time.GetUtcNow() + ClearIsUndoable);
            return (_clear, Changed(store.ClearAsync(name, _clear)));
        }
    }

    /// <summary>Brings back what the last clear took away, below what was drawn since.</summary>
    /// <returns>Why that cannot be done, or the change.</returns>
    public (string? Error, BoardChange? Change) Restore(string id)
    {
        lock (_gate)
        {
            if (Undoable()?.Id != id)
            {
                return ("This can no longer be brought back.", null);
            }

            var coordinates = _coordinates + _cleared.Sum(static stroke => stroke.Length);
            if (coordinates > MaxCoordinates || _strokes.Count + _cleared.Count > MaxStrokes)
            {
                return ("The board has no room for what was cleared.", null);
            }

            // A stroke that its author sent again meanwhile is there already.
            _strokes.InsertRange(0, _cleared.Where(stroke => _byId.TryAdd(stroke.Id, stroke)));
            _coordinates = _strokes.Sum(static stroke => stroke.Length);
            (_cleared, _clear) = ([], null);
            return (null, Changed(store.RestoreAsync(name)));
        }
    }

    // Under the lock: the order of changes in memory is that on disk and that in which others hear of them.
    private BoardChange Changed(Task kept)
    {
        var change = new BoardChange(++_at, kept, _turn);
        _turn = change.Told;
        return change;
    }

    private ClearView? Undoable() => _clear is { } clear && clear.Until > time.GetUtcNow() ? clear : null;

    private bool TryGetStroke(string author, PointsRequest part, [NotNullWhen(true)] out Stroke? stroke, out string? error)
    {
        error = null;
        if (_byId.TryGetValue(part.Stroke!, out stroke))
        {
            error = stroke.Author == author ? null : "This stroke is another person's.";
            return error is null;
        }

        if (part.From > 0)
        {
            error = "This stroke was taken back.";
        }
        else if (_strokes.Count >= MaxStrokes)
        {
            error = "The board is full; clear it to go on.";
        }

        stroke = error is null ? new Stroke(_next++, part.Stroke!, author, part.Color!, part.Width) : null;
        return stroke is not null;
    }
}
