using System.Runtime.InteropServices;
using Starling.Documents;
using Starling.Documents.Storage;

namespace Starling.Sqlite;

/// <summary>Makes one commit in a transaction that its caller has begun. Nothing is changed unless the result is that it was made.</summary>
internal static class CommitWriter
{
    public static CommitResult Write(SqliteSession session, DocumentCommit commit)
    {
        var (document, head) = session.First(
            """
            SELECT key, max(version, 1 + COALESCE((SELECT version FROM operations WHERE document = key ORDER BY version DESC LIMIT 1), -1))
            FROM documents WHERE collection = $1 AND id = $2
            """,
            static row => (row.GetInt64(0), row.GetInt64(1)), commit.Key.Collection, commit.Key.Id);
        if (head != commit.ExpectedVersion)
        {
            return CommitResult.VersionConflict;
        }

        if (commit.Operations.DistinctBy(operation => operation.Id).Count() < commit.Operations.Count
            || (document != 0 && commit.Operations.Any(operation => IsKnown(session, document, operation.Id))))
        {
            return CommitResult.DuplicateOperation;
        }

        if (document == 0)
        {
            document = Insert(session, commit.Key);
        }

        WriteOperations(session, commit, document);
        WriteSnapshot(session, commit, document);
        WriteMilestones(session, commit, document);
        if (commit.DropOperationsBefore > 0)
        {
            session.Execute("DELETE FROM operations WHERE document = $1 AND version < $2", document, commit.DropOperationsBefore);
        }

        return CommitResult.Committed;
    }

    private static bool IsKnown(SqliteSession session, long document, OperationId id) => session.First(
        "SELECT 1 FROM operations WHERE document = $1 AND source = $2 AND sequence = $3", static _ => true, document, id.Source, id.Sequence);

    private static long Insert(SqliteSession session, DocumentKey key) => session.First(
        "INSERT INTO documents (collection, id, version, created, modified) VALUES ($1, $2, 0, 0, 0) RETURNING key",
        static row => row.GetInt64(0), key.Collection, key.Id);

    private static void WriteOperations(SqliteSession session, DocumentCommit commit, long document)
    {
        foreach (var operation in commit.Operations)
        {
            session.Execute(
                $"INSERT INTO operations (document, {Rows.OperationColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                document, operation.Version, operation.Id.Source, operation.Id.Sequence, (int)operation.Kind, operation.Type,
                Bytes(operation.Data), operation.Time, operation.Author, (int)operation.Intent, Bytes(operation.Fixups));
        }
    }

    private static void WriteSnapshot(SqliteSession session, DocumentCommit commit, long document)
    {
        if (commit.Snapshot is { } snapshot)
        {
            session.Execute(
                "UPDATE documents SET version = $2, type = $3, data = $4, created = $5, modified = $6 WHERE key = $1",
                document, snapshot.Version, snapshot.Type, Bytes(snapshot.Data), snapshot.CreatedTime, snapshot.ModifiedTime);
        }
    }

    private static void WriteMilestones(SqliteSession session, DocumentCommit commit, long document)
    {
        foreach (var version in commit.DropMilestones)
        {
            session.Execute("DELETE FROM milestones WHERE document = $1 AND version = $2", document, version);
        }

        foreach (var (snapshot, name) in commit.Milestones)
        {
            session.Execute(
                $"""
                INSERT INTO milestones (document, {Rows.SnapshotColumns}, name) VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT DO UPDATE SET type = $3, data = $4, created = $5, modified = $6, name = COALESCE($7, name)
                """,
                document, snapshot.Version, snapshot.Type, Bytes(snapshot.Data), snapshot.CreatedTime, snapshot.ModifiedTime, name);
        }
    }

    // The driver takes whole arrays only; what was read from a message is a part of one.
    private static byte[]? Bytes(ReadOnlyMemory<byte> bytes) =>
        bytes.IsEmpty ? null
        : MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array
        : bytes.ToArray();
}
