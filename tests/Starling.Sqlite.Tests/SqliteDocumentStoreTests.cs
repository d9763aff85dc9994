using System.Runtime.InteropServices;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;
using Starling.Specifications;

namespace Starling.Sqlite.Tests;

public sealed class SqliteDocumentStoreTests : DocumentStoreSpecification
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("starling-sqlite-");

    private string FilePath => Path.Combine(_folder.FullName, "documents.db");


    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_was_committed_is_there_after_reopening()
    {
        await CreateAsync(Key, """{"n":1}""");
        await EditAsync(Key, 1, 3, """{"n":4}""");
        await ((SqliteDocumentStore)Store).DisposeAsync();

        await using var reopened = new SqliteDocumentStore(FilePath);
        Assert.Equal(4, (await reopened.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Version);
        Assert.Equal(4, (await reopened.ReadOperationsAsync(Key, 0, 10, Token)).Count);
    }

    [Fact]
    public async Task Two_stores_on_one_file_see_each_other()
    {
        await using var other = new SqliteDocumentStore(FilePath);
        await CreateAsync(Key, "{}");
        Assert.Equal(1, (await other.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Version);
        var late = new DocumentCommit { Key = Key, ExpectedVersion = 0 };
        Assert.Equal(CommitResult.VersionConflict, await other.CommitAsync(late, Token));
    }

    [Fact]
    public async Task What_another_store_commits_to_the_file_is_noticed()
    {
        var noticed = new TaskCompletionSource();
        ((SqliteDocumentStore)Store).ChangedElsewhere += () => noticed.TrySetResult();
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(Key with { Id = "own" + i }, "{}");
        }

        // Its own commits are not others'.
        await Task.Delay(200, Token);
        Assert.False(noticed.Task.IsCompleted);
        await using var other = new SqliteDocumentStore(FilePath);
        await other.CommitAsync(new DocumentCommit { Key = Key, ExpectedVersion = 0, Operations = [Creation("{}")], Snapshot = Snapshot(Key, 1, "{}") }, Token);
        await noticed.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task Queries_that_are_run_once_are_not_kept()
    {
        await CreateAsync(Key, "{}");
        async Task RunAsync(int from)
        {
            for (var i = from; i < from + 300; i++)
            {
                var conditions = Enumerable.Range(0, 10).Select(n => new QueryCondition(["f" + i + "x" + n + new string('y', 1000)], QueryOperator.Equal, QueryValue.Of(1)));
                await Store.QueryAsync(Key.Collection, new DocumentQuery { Conditions = [.. conditions] }, Token);
            }
        }

        await RunAsync(0);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await RunAsync(1000);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 2_000_000);
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        await ((SqliteDocumentStore)Store).DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => CreateAsync(Key, "{}"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Store.QueryAsync("c", new DocumentQuery(), Token));
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_not_touched()
    {
        await ((SqliteDocumentStore)Store).DisposeAsync();
        using (var session = new Microsoft.Data.Sqlite.SqliteConnection("Pooling=false;Data Source=" + FilePath))
        {
            session.Open();
            using var command = session.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Assert.Contains("99", Assert.Throws<InvalidOperationException>(() => new SqliteDocumentStore(FilePath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_an_older_program_is_brought_up_to_date()
    {
        await CreateAsync(Key, "{}");
        await ((SqliteDocumentStore)Store).DisposeAsync();
        using (var session = new Microsoft.Data.Sqlite.SqliteConnection("Pooling=false;Data Source=" + FilePath))
        {
            session.Open();
            using var command = session.CreateCommand();
            command.CommandText = """
                ALTER TABLE documents ADD COLUMN head INTEGER NOT NULL DEFAULT 1;
                DROP INDEX operations_by_identity;
                CREATE UNIQUE INDEX operations_by_identity ON operations (document, source, sequence);
                PRAGMA user_version = 1;
                """;
            command.ExecuteNonQuery();
        }

        await using var store = new SqliteDocumentStore(FilePath);
        Assert.Equal("{}", System.Text.Encoding.UTF8.GetString((await store.ReadSnapshotAsync(Key, SnapshotPoint.Latest, Token)).Data.Span));
        var edit = new DocumentOperation { Version = 1, Id = new OperationId("s", 9), Kind = OperationKind.Edit, Data = "[]"u8.ToArray(), Time = 1 };
        Assert.Equal(CommitResult.VersionConflict, await store.CommitAsync(new DocumentCommit { Key = Key, ExpectedVersion = 0, Operations = [edit] }, Token));
        Assert.Equal(CommitResult.Committed, await store.CommitAsync(new DocumentCommit { Key = Key, ExpectedVersion = 1, Operations = [edit] }, Token));
        Assert.Equal(CommitResult.DuplicateOperation, await store.CommitAsync(new DocumentCommit { Key = Key, ExpectedVersion = 2, Operations = [edit with { Version = 2 }] }, Token));
    }

    [Fact]
    public async Task The_newer_library_is_used_and_everything_is_flushed()
    {
        await CreateAsync(Key, "{}");
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection("Pooling=false;Data Source=" + FilePath);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", command.ExecuteScalar());
        var used = Version.Parse(connection.ServerVersion);
        Assert.True(used >= SystemVersion(), $"{used} is used, but the system has {SystemVersion()}");
    }

    private static Version SystemVersion()
    {
        if (!NativeLibrary.TryLoad("libsqlite3.so.0", out var library))
        {
            return new Version(3, 35);
        }

        var version = Marshal.GetDelegateForFunctionPointer<VersionText>(NativeLibrary.GetExport(library, "sqlite3_libversion"));
        return Version.Parse(Marshal.PtrToStringUTF8(version())!);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint VersionText();

    protected override ValueTask<IDocumentStore> OpenAsync() => new(new SqliteDocumentStore(FilePath));
}
