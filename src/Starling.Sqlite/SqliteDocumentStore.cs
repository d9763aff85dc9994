using Starling.Documents;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;

namespace Starling.Sqlite;

/// <summary>
/// Keeps documents in an SQLite database file. Durable: a commit is reported when it is flushed to the disk (write-ahead log, synchronous
/// FULL). Several processes may use one file: what others commit is noticed within some 50 ms where no backplane tells of it sooner. Thread-safe.
/// </summary>
public sealed class SqliteDocumentStore : ISharedDocumentStore, IAsyncDisposable
{
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly SqliteReaders _searcher;

    /// <summary>Opens a database, or makes it.</summary>
    /// <param name="path">Path of the file; its folder must exist.</param>
    /// <param name="readers">How many reads may go on at a time.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">It cannot be opened.</exception>
    /// <exception cref="InvalidOperationException">A newer program has made it.</exception>
    public SqliteDocumentStore(string path, int readers = 2)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(readers);
        _writer = new SqliteWriter(path, Schema.Create);
        _readers = new SqliteReaders(path, readers);
        _searcher = new SqliteReaders(path, 1);
    }

    /// <summary>The file's writer, for tests that change the file's limits.</summary>
    internal SqliteWriter Writer => _writer;

    /// <inheritdoc/>
    public event Action? ChangedElsewhere
    {
        add => _writer.ChangedElsewhere += value;
        remove => _writer.ChangedElsewhere -= value;
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(DocumentCommit commit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commit);
        cancellationToken.ThrowIfCancellationRequested();
        return new(_writer.WriteAsync(session => CommitWriter.Write(session, commit)).WaitAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<DocumentSnapshot> ReadSnapshotAsync(DocumentKey key, SnapshotPoint point, CancellationToken cancellationToken) =>
        ReadAsync(session => ReadSnapshot(session, key, point), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DocumentOperation>> ReadOperationsAsync(
        DocumentKey key, long from, long to, CancellationToken cancellationToken) =>
        ReadOperationsAsync(key, from, to, long.MaxValue, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DocumentOperation>> ReadOperationsAsync(
        DocumentKey key, long from, long to, long maxBytes, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<DocumentOperation>>(
            session => session.All(
                $"SELECT {Rows.OperationColumns} FROM operations WHERE document = {DocumentOf} AND version >= $3 AND version < $4 ORDER BY version",
                Rows.ReadOperation, UpTo(maxBytes), key.Collection, key.Id, from, to),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DocumentOperation?> FindOperationAsync(DocumentKey key, OperationId id, CancellationToken cancellationToken) =>
        ReadAsync(
            session => session.First(
                $"SELECT {Rows.OperationColumns} FROM operations WHERE document = {DocumentOf} AND source = $3 AND sequence = $4",
                Rows.ReadOperation, key.Collection, key.Id, id.Source, id.Sequence),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Milestone>> ListMilestonesAsync(DocumentKey key, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<Milestone>>(
            session => session.All(
                $"SELECT version, modified, name FROM milestones WHERE document = {DocumentOf} ORDER BY version",
                static row => new Milestone(row.GetInt64(0), row.GetInt64(1), Rows.Text(row, 2)), key.Collection, key.Id),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DocumentSnapshot>> QueryAsync(string collection, DocumentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellationToken.ThrowIfCancellationRequested();
        var compiled = new SqliteQuery(collection, query);

        // On a thread of its own, so that a long search holds up no document.
        return new(_searcher.RunAsync(session => session.Consistently(() => Search(session, collection, query, compiled, cancellationToken)))
            .WaitAsync(cancellationToken));
    }

    /// <summary>Finishes what was begun and closes the file.</summary>
    /// <returns>Completes when it is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        await _readers.DisposeAsync();
        await _searcher.DisposeAsync();
        await _writer.DisposeAsync();
    }

    private const string DocumentOf = "(SELECT key FROM documents WHERE collection = $1 AND id = $2)";

    private static Func<DocumentOperation, bool> UpTo(long maxBytes)
    {
        var bytes = 0L;
        return operation => (bytes += operation.Data.Length) <= maxBytes;
    }

    private static DocumentSnapshot ReadSnapshot(SqliteSession session, DocumentKey key, SnapshotPoint point)
    {
        var current = session.First(
            $"SELECT {Rows.SnapshotColumns} FROM documents WHERE collection = $1 AND id = $2",
            row => Rows.ReadSnapshot(row, key), key.Collection, key.Id);
        if (current is null)
        {
            return DocumentSnapshot.Absent(key);
        }

        if (!point.Includes(current))
        {
            current = DocumentSnapshot.Absent(key);
        }

        return session.First(
            $"""
            SELECT {Rows.SnapshotColumns} FROM milestones
            WHERE document = {DocumentOf} AND version > $3 AND version <= $4 AND modified <= $5 ORDER BY version DESC LIMIT 1
            """,
            row => Rows.ReadSnapshot(row, key),
            key.Collection, key.Id, current.Version, point.Version ?? long.MaxValue, point.Time ?? long.MaxValue) ?? current;
    }

    private static IReadOnlyList<DocumentSnapshot> Search(
        SqliteSession session, string collection, DocumentQuery query, SqliteQuery compiled, CancellationToken cancellationToken)
    {
        var possible = session.Stream(
            compiled.Sql, row => Rows.ReadSnapshot(row, new DocumentKey(collection, row.GetString(5))), compiled.Values);
        return QueryMatcher.Run(
            query, Until(possible, cancellationToken), found => ReadSnapshot(session, found.Key, SnapshotPoint.Latest));
    }

    private static IEnumerable<DocumentSnapshot> Until(IEnumerable<DocumentSnapshot> snapshots, CancellationToken cancellationToken)
    {
        foreach (var snapshot in snapshots)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return snapshot;
        }
    }

    private ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_readers.RunAsync(read).WaitAsync(cancellationToken));
    }
}
