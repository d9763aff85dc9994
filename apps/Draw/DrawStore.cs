using System.Runtime.InteropServices;
using Starling.Sqlite;

namespace Starling.Apps.Draw;

/// <summary>What is kept of a board.</summary>
internal sealed record StoredPicture(List<Stroke> Strokes, List<Stroke> Cleared, ClearView? Clear);

/// <summary>
/// The boards on disk (SQLite). Writes are made in the order of the calls; each returned task completes when its write is on the disk.
/// Thread-safe.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="time">The clock, by which the board that was used longest ago makes room.</param>
internal sealed class DrawStore(string path, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How many boards are kept. One more takes the place of the one that was drawn on longest ago.</summary>
    public const int MaxBoards = 1_000;

    private readonly SqliteWriter _writer = new(path, Prepare);
    private readonly SemaphoreSlim _turn = new(1);
    private SqliteSession? _reading;

    /// <summary>Reads a board, after everything that was written before the call. A large one holds up no write.</summary>
    public async Task<StoredPicture> LoadAsync(string board)
    {
        await _writer.WriteAsync(static _ => 0);
        await _turn.WaitAsync();
        try
        {
            return await Task.Run(() => Load(_reading ??= new SqliteSession(path, isReadOnly: true), board));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Keeps new coordinates of a stroke, and the stroke if these are its first.</summary>
    public Task AddAsync(string board, Stroke stroke, int start, short[] points)
    {
        var (number, id, author, color, width) = (stroke.Number, stroke.Id, stroke.Author, stroke.Color, stroke.Width);
        return _writer.WriteAsync(session =>
        {
            if (start == 0)
            {
                if (session.Execute("UPDATE boards SET used = $2 WHERE name = $1", board, time.GetUtcNow().UtcTicks) == 0)
                {
                    MakeRoom(session);
                    session.Execute("INSERT INTO boards (name, used) VALUES ($1, $2)", board, time.GetUtcNow().UtcTicks);
                }

                session.Execute(
                    "INSERT INTO strokes (board, number, id, author, color, width, cleared) VALUES ($1, $2, $3, $4, $5, $6, 0)",
                    board, number, id, author, color, width);
            }

            return session.Execute(
                "INSERT INTO parts (board, number, start, points) VALUES ($1, $2, $3, $4)", board, number, start, MemoryMarshal.AsBytes(points.AsSpan()).ToArray());
        });
    }

    public Task RemoveAsync(string board, long number) => _writer.WriteAsync(session =>
    {
        session.Execute("DELETE FROM parts WHERE board = $1 AND number = $2", board, number);
        return session.Execute("DELETE FROM strokes WHERE board = $1 AND number = $2", board, number);
    });

    public Task ClearAsync(string board, ClearView clear) => _writer.WriteAsync(session =>
    {
        session.Execute("DELETE FROM parts WHERE board = $1 AND number IN (SELECT number FROM strokes WHERE board = $1 AND cleared = 1)", board);
        session.Execute("DELETE FROM strokes WHERE board = $1 AND cleared = 1", board);
        session.Execute("UPDATE strokes SET cleared = 1 WHERE board = $1", board);
        return session.Execute(
            "INSERT OR REPLACE INTO clears (board, id, by, until) VALUES ($1, $2, $3, $4)", board, clear.Id, clear.By, clear.Until.UtcTicks);
    });

    public Task RestoreAsync(string board) => _writer.WriteAsync(session =>
    {
        session.Execute("DELETE FROM clears WHERE board = $1", board);

        // A stroke that its author sent again meanwhile is there already.
        session.Execute("DELETE FROM strokes WHERE board = $1 AND cleared = 1 AND id IN (SELECT id FROM strokes WHERE board = $1 AND cleared = 0)", board);
        return session.Execute("UPDATE strokes SET cleared = 0 WHERE board = $1", board);
    });

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _turn.WaitAsync();
        _reading?.Dispose();
        _turn.Dispose();
    }

    private static StoredPicture Load(SqliteSession session, string board)
    {
        var strokes = session.All(
            "SELECT number, id, author, color, width, cleared FROM strokes WHERE board = $1 ORDER BY number",
            static row => (Stroke: new Stroke(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4)), Cleared: row.GetBoolean(5)),
            board);
        var byNumber = strokes.ToDictionary(static item => item.Stroke.Number, static item => item.Stroke);
        foreach (var (number, points) in session.All(
            "SELECT number, points FROM parts JOIN strokes USING (board, number) WHERE board = $1 ORDER BY number, start", static row => (row.GetInt64(0), (byte[])row[1]), board))
        {
            byNumber[number].Add(points);
        }

        var clear = session.First(
            "SELECT id, by, until FROM clears WHERE board = $1",
            static row => new ClearView(row.GetString(0), row.GetString(1), new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero)),
            board);
        return new StoredPicture(
            [.. strokes.Where(static item => !item.Cleared).Select(static item => item.Stroke)],
            [.. strokes.Where(static item => item.Cleared).Select(static item => item.Stroke)],
            clear);
    }

    private static void Prepare(SqliteSession session)
    {
        session.Execute("PRAGMA journal_mode = WAL");
        session.Execute("PRAGMA synchronous = FULL");
        session.Execute("CREATE TABLE IF NOT EXISTS boards (name TEXT PRIMARY KEY, used INTEGER NOT NULL) WITHOUT ROWID");
        session.Execute("""
            CREATE TABLE IF NOT EXISTS strokes (
                board TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, author TEXT NOT NULL, color TEXT NOT NULL, width INTEGER NOT NULL,
                cleared INTEGER NOT NULL, PRIMARY KEY (board, number)) WITHOUT ROWID
            """);

        // A stroke comes in parts, and each is written once. The points are 16-bit numbers, little-endian.
        session.Execute("""
            CREATE TABLE IF NOT EXISTS parts (
                board TEXT NOT NULL, number INTEGER NOT NULL, start INTEGER NOT NULL, points BLOB NOT NULL, PRIMARY KEY (board, number, start))
            """);
        session.Execute(
            "CREATE TABLE IF NOT EXISTS clears (board TEXT PRIMARY KEY, id TEXT NOT NULL, by TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID");
    }

    private static void MakeRoom(SqliteSession session)
    {
        while (session.First("SELECT count(*) FROM boards", static row => row.GetInt64(0)) >= MaxBoards)
        {
            var oldest = session.First("SELECT name FROM boards ORDER BY used LIMIT 1", static row => row.GetString(0));
            foreach (var statement in new[] { "parts", "strokes", "clears" })
            {
                session.Execute($"DELETE FROM {statement} WHERE board = $1", oldest);
            }

            session.Execute("DELETE FROM boards WHERE name = $1", oldest);
        }
    }
}
