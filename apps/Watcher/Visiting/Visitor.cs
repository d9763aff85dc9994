namespace Starling.Apps.Watcher.Visiting;

/// <summary>
/// One connection of a visitor and what it moved since the last report. Takes so many moves each second; of more the newest position is kept and reported when
/// there is room again, so that a path always ends where the pointer is. Safe for use by several threads.
/// </summary>
internal sealed class Visitor(Visit visit, int maxMovesPerSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<Position> _moves = [];
    private Position? _newest;
    private double _room = maxMovesPerSecond;
    private long _filledAt = time.GetTimestamp();

    public Visit Visit => visit;

    public void Move(Position position)
    {
        lock (_lock)
        {
            Fill();
            if (_room >= 1)
            {
                _room--;
                _moves.Add(position);
                _newest = null;
            }
            else
            {
                _newest = position;
            }
        }
    }

    /// <summary>Takes the moves for a report: the connection's number, then their positions; null when nothing moved.</summary>
    public int[]? Take()
    {
        lock (_lock)
        {
            Fill();
            if (_newest is { } newest && _room >= 1)
            {
                _room--;
                _moves.Add(newest);
                _newest = null;
            }

            if (_moves.Count == 0)
            {
                return null;
            }

            var moves = new int[1 + (2 * _moves.Count)];
            moves[0] = visit.Connection;
            for (var i = 0; i < _moves.Count; i++)
            {
                (moves[1 + (2 * i)], moves[2 + (2 * i)]) = (_moves[i].X, _moves[i].Y);
            }

            _moves.Clear();
            return moves;
        }
    }

    // A bucket for one second. What waits for a report that is late is bounded by what the bucket lets in, times the length of the delay; so it is cut as well.
    private void Fill()
    {
        var now = time.GetTimestamp();
        _room = Math.Min(maxMovesPerSecond, _room + (time.GetElapsedTime(_filledAt, now).TotalSeconds * maxMovesPerSecond));
        _filledAt = now;
        if (_moves.Count > 2 * maxMovesPerSecond)
        {
            _moves.RemoveRange(0, maxMovesPerSecond);
        }
    }
}
