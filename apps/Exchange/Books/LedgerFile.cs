using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Starling.Apps.Exchange.Books;

/// <summary>The books on disk (SQLite). Used by the ledger's own thread only.</summary>
/// <remarks>What was committed is on the disk: write-ahead log, <c>synchronous=FULL</c>. The checks are the last line against a share made or lost.</remarks>
internal sealed class LedgerFile : IDisposable
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS security (symbol TEXT PRIMARY KEY, available INTEGER NOT NULL CHECK (available >= 0), listed INTEGER NOT NULL, price TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS account (name TEXT PRIMARY KEY, token BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS holding (account TEXT NOT NULL, symbol TEXT NOT NULL, shares INTEGER NOT NULL CHECK (shares >= 0), PRIMARY KEY (account, symbol)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS trade (
          id INTEGER PRIMARY KEY, account TEXT NOT NULL, symbol TEXT NOT NULL, buy INTEGER NOT NULL, shares INTEGER NOT NULL, price TEXT NOT NULL, at INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS outcome (
          account TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, symbol TEXT NOT NULL, buy INTEGER NOT NULL, shares INTEGER NOT NULL,
          trade INTEGER, price TEXT, holding INTEGER, code TEXT, message TEXT, PRIMARY KEY (account, number), UNIQUE (account, id)) WITHOUT ROWID;
        """;

    // Of each account: a client that comes back does not send more again, and the books do not grow with every order that has an id.
    private const long RememberedOrders = 1_000;

    private const int Busy = 5;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private const int LockSeconds = 2;

    private readonly SqliteConnection _connection;

    static LedgerFile() => Batteries_V2.Init();

    /// <exception cref="IOException">Another exchange has the file open; two with books of their own in memory would contradict each other.</exception>
    public LedgerFile(string path)
    {
        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = LockSeconds }.ToString());
        try
        {
            _connection.Open();
            Execute("PRAGMA locking_mode = EXCLUSIVE");
            Execute("PRAGMA journal_mode = WAL");
            Execute("PRAGMA synchronous = FULL");

            // Takes the lock, which is then kept until the file is closed.
            Execute("BEGIN EXCLUSIVE");
            Execute(Schema);
            Execute("COMMIT");
        }
        catch (SqliteException exception)
        {
            _connection.Dispose();
            throw new IOException(
                exception.SqliteErrorCode switch
                {
                    Busy => $"{path} is in use by another exchange.",
                    NotADatabase or Corrupt => $"{path} does not hold the books of an exchange, or is damaged: {exception.Message} Put a copy of the books back, or use another folder.",
                    _ => $"{path} cannot be used: {exception.Message} Its folder must be writable and have room.",
                },
                exception);
        }
    }

    /// <summary>Whether something was begun and neither committed nor taken back.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    public void Begin() => Execute("BEGIN IMMEDIATE");

    public void Commit() => Execute("COMMIT");

    /// <summary>Takes back what was begun and not committed, if SQLite has not done so by itself, as it does when the disk is full.</summary>
    public void RollBack()
    {
        if (IsInTransaction)
        {
            Execute("ROLLBACK");
        }
    }

    public void Write(Security security) => Execute(
        "INSERT INTO security VALUES ($1, $2, $3, $4) ON CONFLICT DO UPDATE SET available = $2, listed = $3, price = $4",
        security.Symbol, security.Available, security.Listed, security.Price.ToString(CultureInfo.InvariantCulture));

    public void WriteAccount(string name, byte[] token) => Execute("INSERT INTO account VALUES ($1, $2)", name, token);

    public void Write(Trade trade, DateTimeOffset at)
    {
        Execute(
            "INSERT INTO trade VALUES ($1, $2, $3, $4, $5, $6, $7)", trade.Id, trade.Account, trade.Symbol, trade.IsBuy, trade.Shares,
            trade.Price.ToString(CultureInfo.InvariantCulture), at.ToUnixTimeMilliseconds());
        Execute(
            "INSERT INTO holding VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET shares = $3", trade.Account, trade.Symbol, trade.Holding);
    }

    /// <summary>Remembers what came of an order with an id, and forgets the account's oldest.</summary>
    public void Write(Outcome outcome)
    {
        var (order, trade, refusal) = outcome;
        var number = Read("SELECT COALESCE(max(number), 0) + 1 FROM outcome WHERE account = $1", row => row.GetInt64(0), order.Account)[0];
        Execute(
            "INSERT INTO outcome VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", order.Account, number, order.Id!, order.Symbol, order.IsBuy, order.Shares,
            OrNull(trade?.Id), OrNull(trade?.Price.ToString(CultureInfo.InvariantCulture)), OrNull(trade?.Holding), OrNull(refusal?.Code), OrNull(refusal?.Message));
        Execute("DELETE FROM outcome WHERE account = $1 AND number <= $2", order.Account, number - RememberedOrders);
    }

    /// <summary>What came of an order with an id, or null when it is new.</summary>
    public Outcome? Outcome(string account, string id) => Read(
        "SELECT symbol, buy, shares, trade, price, holding, code, message FROM outcome WHERE account = $1 AND id = $2",
        row => ReadOutcome(row, new Order(account, row.GetString(0), row.GetBoolean(1), row.GetInt64(2), id)), account, id).SingleOrDefault();

    public List<Security> Securities() => Read(
        "SELECT symbol, available, listed, price FROM security",
        row => new Security(row.GetString(0), row.GetInt64(1), row.GetInt64(2), Price(row, 3)));

    public List<(string Name, byte[] Token)> Accounts() => Read("SELECT name, token FROM account", row => (row.GetString(0), row.GetFieldValue<byte[]>(1)));

    public List<(string Account, string Symbol, long Shares)> Holdings() =>
        Read("SELECT account, symbol, shares FROM holding WHERE shares > 0", row => (row.GetString(0), row.GetString(1), row.GetInt64(2)));

    /// <summary>How many shares more each account sold at a price than it bought at it.</summary>
    public List<(string Account, decimal Price, long Shares)> NetSales() => Read(
        "SELECT account, price, sum(CASE WHEN buy THEN -shares ELSE shares END) FROM trade GROUP BY account, price",
        row => (row.GetString(0), Price(row, 1), row.GetInt64(2)));

    public long LastTrade() => Read("SELECT COALESCE(max(id), 0) FROM trade", row => row.GetInt64(0))[0];

    public void Dispose() => _connection.Dispose();

    private static Outcome ReadOutcome(SqliteDataReader row, Order order) => row.IsDBNull(3)
        ? new Outcome(order, null, new ExchangeException(row.GetString(6), row.GetString(7)))
        : new Outcome(order, new Trade(row.GetInt64(3), order.Account, order.Symbol, order.IsBuy, order.Shares, Price(row, 4), row.GetInt64(5)), null);

    private static decimal Price(SqliteDataReader row, int column) => decimal.Parse(row.GetString(column), CultureInfo.InvariantCulture);

    private static object OrNull(object? value) => value ?? DBNull.Value;

    private List<T> Read<T>(string text, Func<SqliteDataReader, T> read, params object[] values)
    {
        using var command = Command(text, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
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
