namespace Starling.Sqlite;

/// <summary>The tables of documents. The file says which form it has; a newer one than this program knows is not touched.</summary>
internal static class Schema
{
    private const int Version = 2;

    public static void Create(SqliteSession session)
    {
        // Answers with the mode that it has, which stays another one where the file system has no shared memory.
        var mode = session.First("PRAGMA journal_mode = WAL", reader => reader.GetString(0));
        if (mode != "wal")
        {
            throw new InvalidOperationException(
                $"The database cannot have a write-ahead log; its journal mode is {mode}. Keep the file on a local disk that can be written to.");
        }

        // What is acknowledged has to be on the disk, not only in the write-ahead log's cache.
        session.Execute("PRAGMA synchronous = FULL");

        // Pages that many commits change are carried over into the database once for all of them; 32 MB of log are still quick to recover.
        session.Execute("PRAGMA wal_autocheckpoint = 8000");
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            var found = session.First("PRAGMA user_version", reader => reader.GetInt32(0));
            if (found > Version)
            {
                throw new InvalidOperationException(
                    $"The database has form {found}, which a newer program has made; this one knows {Version}.");
            }

            if (found == 0)
            {
                CreateTables(session);
            }
            else if (found == 1)
            {
                session.Execute("ALTER TABLE documents DROP COLUMN head");
                session.Execute("DROP INDEX operations_by_identity");
                CreateIndex(session);
                session.Execute($"PRAGMA user_version = {Version}");
            }

            session.Execute("COMMIT");
        }
        catch
        {
            session.Execute("ROLLBACK");
            throw;
        }
    }

    private static void CreateTables(SqliteSession session)
    {
        // version is that of the stored snapshot, which may lag behind the operations; an edit writes nothing here but them.
        session.Execute("""
            CREATE TABLE documents (
                key INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
                type TEXT, data BLOB, created INTEGER NOT NULL, modified INTEGER NOT NULL,
                UNIQUE (collection, id))
            """);
        session.Execute("""
            CREATE TABLE operations (
                document INTEGER NOT NULL, version INTEGER NOT NULL, source TEXT NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL,
                type TEXT, data BLOB, time INTEGER NOT NULL, author TEXT, intent INTEGER NOT NULL, fixups BLOB,
                PRIMARY KEY (document, version)) WITHOUT ROWID
            """);
        CreateIndex(session);
        session.Execute("""
            CREATE TABLE milestones (
                document INTEGER NOT NULL, version INTEGER NOT NULL, name TEXT, type TEXT, data BLOB, created INTEGER NOT NULL,
                modified INTEGER NOT NULL,
                PRIMARY KEY (document, version)) WITHOUT ROWID
            """);
        session.Execute($"PRAGMA user_version = {Version}");
    }

    // Sources that write a document at one time count alike, so that their newest operations lie in one page.
    private static void CreateIndex(SqliteSession session) =>
        session.Execute("CREATE UNIQUE INDEX operations_by_identity ON operations (document, sequence, source)");
}
