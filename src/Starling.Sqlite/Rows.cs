using Microsoft.Data.Sqlite;
using Starling.Documents;
using Starling.Documents.Storage;

namespace Starling.Sqlite;

/// <summary>Reads rows.</summary>
internal static class Rows
{
    public const string OperationColumns = "version, source, sequence, kind, type, data, time, author, intent, fixups";
    public const string SnapshotColumns = "version, type, data, created, modified";

    public static DocumentOperation ReadOperation(SqliteDataReader row) => new()
    {
        Version = row.GetInt64(0),
        Id = new OperationId(row.GetString(1), row.GetInt64(2)),
        Kind = (OperationKind)row.GetInt32(3),
        Type = Text(row, 4),
        Data = Bytes(row, 5),
        Time = row.GetInt64(6),
        Author = Text(row, 7),
        Intent = (OperationIntent)row.GetInt32(8),
        Fixups = Bytes(row, 9),
    };

    public static DocumentSnapshot ReadSnapshot(SqliteDataReader row, DocumentKey key) => new()
    {
        Key = key,
        Version = row.GetInt64(0),
        Type = Text(row, 1),
        Data = Bytes(row, 2),
        CreatedTime = row.GetInt64(3),
        ModifiedTime = row.GetInt64(4),
    };

    public static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static byte[] Bytes(SqliteDataReader row, int column) => row.IsDBNull(column) ? [] : row.GetFieldValue<byte[]>(column);
}
