namespace Starling.Apps.Draw;

/// <summary>All boards by name. When there are too many, a board that nobody is at makes room. Thread-safe.</summary>
internal sealed class BoardTable
{
    public const int MaxBoards = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Board> _boards = new(StringComparer.Ordinal);

    /// <summary>Enters a board, which is made if need be; null when it, or the table, is full.</summary>
    public Board? Enter(string name, string socketId, Person person)
    {
        // Under the lock, so that a board cannot be dropped as deserted between finding and entering it.
        lock (_gate)
        {
            if (!_boards.TryGetValue(name, out var board))
            {
                if (_boards.Count >= MaxBoards && !TryDropDeserted())
                {
                    return null;
                }

                _boards[name] = board = new Board();
            }

            return board.TryEnter(socketId, person) ? board : null;
        }
    }

    private bool TryDropDeserted()
    {
        foreach (var (name, board) in _boards)
        {
            if (board.IsDeserted)
            {
                return _boards.Remove(name);
            }
        }

        return false;
    }
}
