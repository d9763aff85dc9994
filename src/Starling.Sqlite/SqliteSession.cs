using Microsoft.Data.Sqlite;

namespace Starling.Sqlite;

/// <summary>
/// A connection to a SQLite file with its prepared statements. A statement stays prepared as long as the session lives, so statements are
/// constants and values are parameters, <c>$1</c>, <c>$2</c> and so on. Not thread-safe.
/// </summary>
public sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>Opens the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isReadOnly">Whether it is only read; otherwise it is created if it does not exist.</param>
    /// <exception cref="SqliteException">The file cannot be opened or is not a database.</exception>
    public SqliteSession(string path, bool isReadOnly)
    {
        SqliteLibrary.Initialize();
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            Mode = isReadOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
        }.ToString());
        _connection.Open();
        Execute("PRAGMA busy_timeout = 10000");
    }

    /// <summary>Runs a statement.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="values">Its parameters; null is SQL's NULL.</param>
    /// <returns>The number of rows that it changed.</returns>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Command(sql, values).ExecuteNonQuery();

    /// <summary>Runs a query and reads its first row.</summary>
    /// <typeparam name="T">What a row becomes.</typeparam>
    /// <param name="sql">The query.</param>
    /// <param name="read">Reads the row.</param>
    /// <param name="values">The parameters of the query.</param>
    /// <returns>The row, or the default of the type if there is none.</returns>
    /// <exception cref="SqliteException">The query failed.</exception>
    public T? First<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        ArgumentNullException.ThrowIfNull(read);
        using var reader = Command(sql, values).ExecuteReader();
        return reader.Read() ? read(reader) : default;
    }

    /// <summary>Runs a query and reads its rows.</summary>
    /// <typeparam name="T">What a row becomes.</typeparam>
    /// <param name="sql">The query.</param>
    /// <param name="read">Reads one row.</param>
    /// <param name="values">The parameters of the query.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="SqliteException">The query failed.</exception>
    public List<T> All<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values) =>
        All(sql, read, static _ => true, values);

    /// <summary>Runs a query and reads its rows, up to the first after which no more are wanted.</summary>
    internal List<T> All<T>(string sql, Func<SqliteDataReader, T> read, Func<T, bool> wantsMore, params ReadOnlySpan<object?> values)
    {
        ArgumentNullException.ThrowIfNull(read);
        using var reader = Command(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
            if (!wantsMore(rows[^1]))
            {
                break;
            }
        }

        return rows;
    }

    /// <summary>
    /// Runs a query that is not run again, and reads its rows one by one. Its text and plan are not kept, so that clients who make up queries do not
    /// fill the memory.
    /// </summary>
    internal IEnumerable<T> Stream<T>(string sql, Func<SqliteDataReader, T> read, IReadOnlyList<object?> values)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Made by SqliteQuery, which binds all values.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Count; i++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + (i + 1), Value = values[i] ?? DBNull.Value });
        }

        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return read(reader);
        }
    }

    /// <summary>Runs something on one state of the database.</summary>
    internal T Consistently<T>(Func<T> read)
    {
        Execute("BEGIN");
        try
        {
            return read();
        }
        finally
        {
            Execute("COMMIT");
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    // Values are bound by position: $1, $2 ...
    private SqliteCommand Command(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // The contract of this type: texts are constants, or made from constants, and bind all values.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = "$" + (i + 1) });
            }

            _commands[sql] = command;
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }
}
