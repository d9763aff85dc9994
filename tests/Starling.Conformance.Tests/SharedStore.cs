using Starling.Documents;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;

namespace Starling.Conformance.Tests;

/// <summary>A store that outlives the server that uses it.</summary>
internal sealed class SharedStore(IDocumentStore inner) : IDocumentStore
{
    public ValueTask<CommitResult> CommitAsync(DocumentCommit commit, CancellationToken cancellationToken) =>
        inner.CommitAsync(commit, cancellationToken);

    public ValueTask<DocumentSnapshot> ReadSnapshotAsync(DocumentKey key, SnapshotPoint point, CancellationToken cancellationToken) =>
        inner.ReadSnapshotAsync(key, point, cancellationToken);

    public ValueTask<IReadOnlyList<DocumentOperation>> ReadOperationsAsync(
        DocumentKey key, long from, long to, CancellationToken cancellationToken) =>
        inner.ReadOperationsAsync(key, from, to, cancellationToken);

    public ValueTask<DocumentOperation?> FindOperationAsync(DocumentKey key, OperationId id, CancellationToken cancellationToken) =>
        inner.FindOperationAsync(key, id, cancellationToken);

    public ValueTask<IReadOnlyList<Milestone>> ListMilestonesAsync(DocumentKey key, CancellationToken cancellationToken) =>
        inner.ListMilestonesAsync(key, cancellationToken);

    public ValueTask<IReadOnlyList<DocumentSnapshot>> QueryAsync(string collection, DocumentQuery query, CancellationToken cancellationToken) =>
        inner.QueryAsync(collection, query, cancellationToken);
}
