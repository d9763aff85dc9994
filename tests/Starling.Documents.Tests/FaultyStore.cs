using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;

namespace Starling.Documents.Tests;

/// <summary>A store in memory that a test can watch, slow down and make fail.</summary>
internal sealed class FaultyStore(MemoryDocumentStore inner) : IDocumentStore
{
    private int _commits;

    public int Commits => _commits;

    /// <summary>Runs before each commit.</summary>
    public Func<DocumentCommit, Task> BeforeCommit { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after each commit that was made.</summary>
    public Func<DocumentCommit, Task> AfterCommit { get; set; } = _ => Task.CompletedTask;

    public async ValueTask<CommitResult> CommitAsync(DocumentCommit commit, CancellationToken cancellationToken)
    {
        await BeforeCommit(commit);
        Interlocked.Increment(ref _commits);
        var result = await inner.CommitAsync(commit, cancellationToken);
        await AfterCommit(commit);
        return result;
    }

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
