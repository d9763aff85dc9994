using Starling.Documents.Storage.Queries;

namespace Starling.Documents.Storage;

/// <summary>
/// Keeps documents: for each an op log, its newest stored snapshot, and milestones. The store decides who wins when several nodes write to
/// one document. Thread-safe.
/// </summary>
/// <remarks>
/// Guarantees: a commit is atomic, and durable when it is reported as <see cref="CommitResult.Committed"/>, in the sense the implementation
/// states; of several commits that expect one version at most one succeeds; a read that begins after a commit was reported sees it. A failed
/// commit that threw may or may not have been made; repeating it is safe because of its expected version.
/// </remarks>
public interface IDocumentStore
{
    /// <summary>Changes a document.</summary>
    /// <param name="commit">What to change.</param>
    /// <param name="cancellationToken">Gives up the wait; the commit may still be made.</param>
    /// <returns>Whether it was made.</returns>
    ValueTask<CommitResult> CommitAsync(DocumentCommit commit, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the newest stored snapshot, be it the current one or a milestone, that lies at or before a point. The operations from its
    /// version on may lead further.
    /// </summary>
    /// <param name="key">The document.</param>
    /// <param name="point">Up to where.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The snapshot; <see cref="DocumentSnapshot.Absent"/> if none is stored.</returns>
    ValueTask<DocumentSnapshot> ReadSnapshotAsync(DocumentKey key, SnapshotPoint point, CancellationToken cancellationToken);

    /// <summary>Reads a part of the op log.</summary>
    /// <param name="key">The document.</param>
    /// <param name="from">The first version wanted.</param>
    /// <param name="to">The version after the last one wanted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Those that there are, in order of version; ones that were dropped are missing at the front.</returns>
    ValueTask<IReadOnlyList<DocumentOperation>> ReadOperationsAsync(
        DocumentKey key, long from, long to, CancellationToken cancellationToken);

    /// <summary>
    /// Reads a part of the op log and stops after the operation with which their data has more bytes than given. The default does not stop; a
    /// store that reads from somewhere should, so that a log of large operations does not fill memory.
    /// </summary>
    /// <param name="key">The document.</param>
    /// <param name="from">The first version wanted.</param>
    /// <param name="to">The version after the last one wanted.</param>
    /// <param name="maxBytes">After how many bytes to stop.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Those that there are, in order of version, at least one if there is one; ones that were dropped are missing at the front.</returns>
    ValueTask<IReadOnlyList<DocumentOperation>> ReadOperationsAsync(
        DocumentKey key, long from, long to, long maxBytes, CancellationToken cancellationToken) =>
        ReadOperationsAsync(key, from, to, cancellationToken);

    /// <summary>Finds an operation by its identity.</summary>
    /// <param name="key">The document.</param>
    /// <param name="id">The identity.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The operation, or null if it is not in the log.</returns>
    ValueTask<DocumentOperation?> FindOperationAsync(DocumentKey key, OperationId id, CancellationToken cancellationToken);

    /// <summary>Lists the milestones of a document.</summary>
    /// <param name="key">The document.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The milestones in order of version.</returns>
    ValueTask<IReadOnlyList<Milestone>> ListMilestonesAsync(DocumentKey key, CancellationToken cancellationToken);

    /// <summary>Finds documents by their newest stored snapshots.</summary>
    /// <param name="collection">Where to look.</param>
    /// <param name="query">What to look for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The documents that exist and match; in the query's order, then by id.</returns>
    ValueTask<IReadOnlyList<DocumentSnapshot>> QueryAsync(string collection, DocumentQuery query, CancellationToken cancellationToken);
}
