using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Starling.Apps.Questions;

/// <summary>The board on disk (SQLite). Used by the board's own thread only.</summary>
/// <remarks>A write has returned when it is on the disk: write-ahead log, <c>synchronous=FULL</c>.</remarks>
internal sealed class QuestionStore : IDisposable
{
    private const long HiddenVisitors = 1;

    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        CREATE TABLE IF NOT EXISTS question (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL, author TEXT NOT NULL, at INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS answer (
          id INTEGER PRIMARY KEY, question INTEGER NOT NULL REFERENCES question, text TEXT NOT NULL, author TEXT NOT NULL, at INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS follower (question INTEGER NOT NULL REFERENCES question, visitor TEXT NOT NULL, PRIMARY KEY (question, visitor)) WITHOUT ROWID;
        """;

    private readonly SqliteConnection _connection;

    static QuestionStore() => Batteries_V2.Init();

    public QuestionStore(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        Execute(Schema);
        HideVisitors();
    }

    public long AddQuestion(string key, string text, string author, DateTimeOffset at, string visitor) => Write(() =>
    {
        var id = Insert("INSERT INTO question (key, text, author, at) VALUES ($1, $2, $3, $4) RETURNING id", key, text, author, at.UtcTicks);
        Execute("INSERT INTO follower (question, visitor) VALUES ($1, $2)", id, visitor);
        return id;
    });

    public long AddAnswer(long question, string text, string author, DateTimeOffset at, string visitor) => Write(() =>
    {
        var id = Insert("INSERT INTO answer (question, text, author, at) VALUES ($1, $2, $3, $4) RETURNING id", question, text, author, at.UtcTicks);
        Execute("INSERT OR IGNORE INTO follower (question, visitor) VALUES ($1, $2)", question, visitor);
        return id;
    });

    public void SetFollowed(long question, string visitor, bool isFollowed) => Execute(
        isFollowed ? "INSERT OR IGNORE INTO follower (question, visitor) VALUES ($1, $2)" : "DELETE FROM follower WHERE question = $1 AND visitor = $2",
        question,
        visitor);

    public IEnumerable<(long Id, string Key, string Text, string Author, DateTimeOffset At)> Questions()
    {
        using var command = Command("SELECT id, key, text, author, at FROM question ORDER BY id");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), Time(reader.GetInt64(4)));
        }
    }

    public IEnumerable<Answer> Answers()
    {
        using var command = Command("SELECT id, question, text, author, at FROM answer ORDER BY id");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return new Answer(reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), Time(reader.GetInt64(4)));
        }
    }

    public IEnumerable<(long Question, string Visitor)> Followers()
    {
        using var command = Command("SELECT question, visitor FROM follower");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (reader.GetInt64(0), reader.GetString(1));
        }
    }

    public void Dispose() => _connection.Dispose();

    // Followers of older files are known by their cookies, with which others could pass themselves off as them.
    private void HideVisitors()
    {
        using var version = Command("PRAGMA user_version");
        if ((long)version.ExecuteScalar()! >= HiddenVisitors)
        {
            return;
        }

        Write(() =>
        {
            foreach (var (question, visitor) in Followers().ToList())
            {
                Execute("UPDATE follower SET visitor = $3 WHERE question = $1 AND visitor = $2", question, visitor, Visitors.IdOf(visitor));
            }

            Execute($"PRAGMA user_version = {HiddenVisitors}");
            return 0;
        });
    }

    /// <summary>Makes all of a change, or nothing. The connection is usable afterwards in any case.</summary>
    private T Write<T>(Func<T> change)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            var result = change();
            Execute("COMMIT");
            return result;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    // After some errors, a full disk among them, SQLite has rolled back of itself, and doing so again is an error that hides the first.
    private void RollBack()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
        }
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    private long Insert(string text, params object[] values)
    {
        using var command = Command(text, values);
        return (long)command.ExecuteScalar()!;
    }

    private void Execute(string text, params object[] values)
    {
        using var command = Command(text, values);
        command.ExecuteNonQuery();
    }

    // The texts are constants of this file; what comes from outside is a parameter.
    private SqliteCommand Command(string text, params object[] values)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = text;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i]);
        }

        return command;
    }
}
