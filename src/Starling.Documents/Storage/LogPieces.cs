namespace Starling.Documents.Storage;

/// <summary>Reads logs in pieces, so that a long log or one of large operations does not fill memory.</summary>
internal static class LogPieces
{
    private const int MaxCount = 1000;
    private const long MaxBytes = 4 * 1024 * 1024;

    /// <summary>The first operations from a version on and before another; at least one if there is one.</summary>
    public static ValueTask<IReadOnlyList<DocumentOperation>> ReadAsync(
        IDocumentStore store, DocumentKey key, long from, long to, CancellationToken cancellationToken) =>
        store.ReadOperationsAsync(key, from, Math.Min(to, from + MaxCount), MaxBytes, cancellationToken);

    /// <summary>Whether more may follow in the log.</summary>
    public static bool IsFull(IReadOnlyList<DocumentOperation> piece) =>
        piece.Count >= MaxCount || piece.Sum(static operation => (long)operation.Data.Length) > MaxBytes;
}
