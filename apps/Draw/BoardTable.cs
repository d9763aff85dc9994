using Microsoft.Data.Sqlite;

namespace Starling.Apps.Draw;

/// <summary>The boards that people are at, by name. Others are on disk only. Thread-safe.</summary>
internal sealed class BoardTable(DrawStore store, TimeProvider time)
{
    /// <summary>How many boards people may be at.</summary>
    public const int MaxBoards = 200;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<Board>> _boards = new(StringComparer.Ordinal);

    /// <summary>Enters a board, which is read from the disk if no one was at it; null when it, or the table, is full.</summary>
    /// <exception cref="SqliteException">The board cannot be read.</exception>
    public async Task<Board?> EnterAsync(string name, string socketId, Person person)
    {
        while (true)
        {
            Task<Board>? opening;
            lock (_gate)
            {
                if (!_boards.TryGetValue(name, out opening))
                {
                    if (_boards.Count >= MaxBoards)
                    {
                        return null;
                    }

                    _boards[name] = opening = OpenAsync(name);
                }
            }

            Board board;
            try
            {
                board = await opening;
            }
            catch
            {
                Forget(name, opening);
                throw;
            }

            // Under the lock, so that a board cannot be dropped as deserted between finding and entering it.
            lock (_gate)
            {
                if (_boards.TryGetValue(name, out var current) && current == opening)
                {
                    return board.TryEnter(socketId, person) ? board : null;
                }
            }
        }
    }

    /// <summary>The board of a name, if people are at it.</summary>
    public Board? Find(string name)
    {
        lock (_gate)
        {
            return _boards.TryGetValue(name, out var board) && board.IsCompletedSuccessfully ? board.Result : null;
        }
    }

    /// <summary>Takes a person away; the last one leaves the board on disk only.</summary>
    public void Leave(string name, string socketId)
    {
        lock (_gate)
        {
            if (Find(name) is { } board)
            {
                board.Leave(socketId);
                if (board.IsDeserted)
                {
                    _boards.Remove(name);
                }
            }
        }
    }

    /// <summary>Drops what memory has of a board after a write failed: the disk says what the picture is.</summary>
    /// <returns>Whether this call dropped it; only then others have to be told.</returns>
    public bool Reset(string name, Board failed)
    {
        lock (_gate)
        {
            return Find(name) == failed && _boards.Remove(name);
        }
    }

    private async Task<Board> OpenAsync(string name) => new(name, await store.LoadAsync(name), store, time);

    private void Forget(string name, Task<Board> opening)
    {
        lock (_gate)
        {
            if (_boards.TryGetValue(name, out var current) && current == opening)
            {
                _boards.Remove(name);
            }
        }
    }
}
