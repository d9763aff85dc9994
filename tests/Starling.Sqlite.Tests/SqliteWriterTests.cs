using Microsoft.Data.Sqlite;

namespace Starling.Sqlite.Tests;

public sealed class SqliteWriterTests : IAsyncLifetime
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.db");
    private SqliteWriter _writer = null!;

    public ValueTask InitializeAsync()
    {
        _writer = new SqliteWriter(_path, session =>
        {
            session.Execute("PRAGMA journal_mode = WAL");
            session.Execute("CREATE TABLE items (name TEXT PRIMARY KEY, data BLOB)");
        });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            File.Delete(_path + suffix);
        }
    }

    [Fact]
    public async Task A_write_that_fails_fails_alone()
    {
        // Held up, so that all that follow are of one group.
        using var go = new ManualResetEventSlim();
        var holding = _writer.WriteAsync(_ => go.Wait(TimeSpan.FromSeconds(30)));
        var first = AddAsync("a");
        var twice = AddAsync("a");
        var thrown = _writer.WriteAsync<int>(_ => throw new InvalidOperationException("The write fails."));
        var last = AddAsync("b");
        go.Set();

        Assert.True(await holding);
        Assert.Equal(1, await first);
        await Assert.ThrowsAsync<SqliteException>(() => twice);
        await Assert.ThrowsAsync<InvalidOperationException>(() => thrown);
        Assert.Equal(1, await last);
        Assert.Equal(["a", "b"], await NamesAsync());
    }

    [Fact]
    public async Task A_full_disk_fails_what_does_not_fit_and_the_writer_goes_on_when_there_is_room()
    {
        // SQLite's own limit of pages gives the error of a full disk.
        var pages = await _writer.WriteAsync(session => session.First("PRAGMA page_count", row => row.GetInt64(0)));
        await LimitAsync(pages + 2);

        var exception = await Assert.ThrowsAsync<SqliteException>(() => AddAsync("large", new byte[100_000]));
        Assert.Equal(13, exception.SqliteErrorCode);
        Assert.Equal(1, await AddAsync("small"));

        await LimitAsync(pages + 1_000);
        Assert.Equal(1, await AddAsync("large", new byte[100_000]));
        Assert.Equal(["large", "small"], await NamesAsync());
    }

    [Fact]
    public async Task Writes_are_made_in_order_and_before_the_writer_closes()
    {
        var writes = Enumerable.Range(0, 2_500).Select(n => AddAsync($"{n:0000}")).ToArray();
        await _writer.DisposeAsync();

        Assert.All(writes, write => Assert.True(write.IsCompletedSuccessfully));
        Assert.Throws<ObjectDisposedException>(() => { _ = AddAsync("late"); });
        using var session = new SqliteSession(_path, isReadOnly: true);
        Assert.Equal(2_500, session.First("SELECT count(*) FROM items", row => row.GetInt32(0)));
    }

    private Task<int> AddAsync(string name, byte[]? data = null) =>
        _writer.WriteAsync(session => session.Execute("INSERT INTO items (name, data) VALUES ($1, $2)", name, data));

    private Task<List<string>> NamesAsync() => _writer.WriteAsync(session => session.All("SELECT name FROM items ORDER BY name", row => row.GetString(0)));

    // Not a parameter: pragmas take none. The limit is of the connection, which is the writer's.
    private Task LimitAsync(long pages) => _writer.WriteAsync(session => session.First($"PRAGMA max_page_count = {pages}", row => row.GetInt64(0)));
}
