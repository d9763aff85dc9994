using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.History;

/// <summary>Builds documents as they were. Thread-safe; does not hold up the documents' loops.</summary>
internal sealed class HistoryReader(DocumentEngine engine)
{
    private IDocumentStore Store => engine.Services.Store;

    /// <summary>The document at a version.</summary>
    /// <exception cref="DocumentException">It has not come so far, or what would be needed is no longer kept.</exception>
    public async Task<DocumentState> AtVersionAsync(DocumentKey key, long version, CancellationToken cancellationToken)
    {
        var state = await BuildAsync(
            key, SnapshotPoint.AtVersion(version), operation => operation.Version < version, cancellationToken);
        return state.Version == version
            ? state
            : throw new DocumentException(
                DocumentErrors.VersionTooNew, "Requested version exceeds latest snapshot version");
    }

    /// <summary>The document at a time, in milliseconds since 1970.</summary>
    /// <exception cref="DocumentException">What would be needed is no longer kept.</exception>
    public Task<DocumentState> AtTimeAsync(DocumentKey key, long time, CancellationToken cancellationToken) =>
        BuildAsync(key, SnapshotPoint.AtTime(time), operation => operation.Time <= time, cancellationToken);

    /// <summary>A part of the op log.</summary>
    /// <exception cref="DocumentException">Its beginning is no longer kept.</exception>
    public async Task<IReadOnlyList<DocumentOperation>> OperationsAsync(
        DocumentKey key, long from, long to, CancellationToken cancellationToken)
    {
        var operations = await Store.ReadOperationsAsync(key, from, to, cancellationToken);
        var first = operations.Count > 0 ? operations[0].Version : (await engine.FetchAsync(key).WaitAsync(cancellationToken)).Version;
        return from >= first || from >= to ? operations : throw NotKept(key, from);
    }

    private async Task<DocumentState> BuildAsync(
        DocumentKey key, SnapshotPoint point, Func<DocumentOperation, bool> isIncluded, CancellationToken cancellationToken)
    {
        var snapshot = await Store.ReadSnapshotAsync(key, point, cancellationToken);
        var types = engine.Services.Types;
        var state = DocumentState.Read(snapshot, types);
        while (state.Version != point.Version)
        {
            var operations = await LogPieces.ReadAsync(Store, key, state.Version, long.MaxValue, cancellationToken);
            foreach (var operation in operations)
            {
                if (operation.Version != state.Version)
                {
                    throw NotKept(key, state.Version);
                }

                if (!isIncluded(operation))
                {
                    return state;
                }

                state = state.Apply(new CommittedOperation(key, operation, null, key.Collection), types);
            }

            if (!LogPieces.IsFull(operations))
            {
                await CheckKeptAsync(key, point, state, cancellationToken);
                return state;
            }
        }

        return state;
    }

    // Where nothing follows although the document went on, what followed is no longer kept.
    private async ValueTask CheckKeptAsync(DocumentKey key, SnapshotPoint point, DocumentState state, CancellationToken cancellationToken)
    {
        if (point.Version is null && state.Version < (await Store.ReadSnapshotAsync(key, SnapshotPoint.Latest, cancellationToken)).Version
            && (await Store.ReadOperationsAsync(key, state.Version, state.Version + 1, cancellationToken)).Count == 0)
        {
            throw NotKept(key, state.Version);
        }
    }

    private static DocumentException NotKept(DocumentKey key, long version) =>
        new(DocumentErrors.HistoryNotKept, $"Operation {version} of {key} is no longer kept");
}
