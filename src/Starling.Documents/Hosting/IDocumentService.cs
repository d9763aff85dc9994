using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;

namespace Starling.Documents.Hosting;

/// <summary>
/// Documents for the server's own code, by the same way that clients' operations take; clients see its changes at once. Authorisation does
/// not apply, the stages from <c>Apply</c> on do. Thread-safe.
/// </summary>
public interface IDocumentService
{
    /// <summary>Reads the newest version.</summary>
    /// <param name="key">The document.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The document; without a type if it does not exist.</returns>
    /// <exception cref="DocumentException">It could not be loaded.</exception>
    Task<DocumentSnapshot> FetchAsync(DocumentKey key, CancellationToken cancellationToken = default);

    /// <summary>Changes a document. When this completes the change is durable.</summary>
    /// <param name="key">The document.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Gives up the wait; the change may still be made.</param>
    /// <returns>The operation as it was stored, transformed to the version it was applied to.</returns>
    /// <exception cref="DocumentException">It is refused; nothing was changed, except where the code is <see cref="DocumentErrors.StoreFailed"/>.</exception>
    Task<DocumentOperation> SubmitAsync(DocumentKey key, DocumentChange change, CancellationToken cancellationToken = default);

    /// <summary>Follows a document: every operation once and in order, as long as the enumeration goes on. A slow reader costs no memory.</summary>
    /// <param name="key">The document.</param>
    /// <param name="fromVersion">The version to begin with; null for the newest.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The operations.</returns>
    /// <exception cref="DocumentException">Operations that are wanted are no longer kept.</exception>
    IAsyncEnumerable<DocumentOperation> SubscribeAsync(DocumentKey key, long? fromVersion = null, CancellationToken cancellationToken = default);

    /// <summary>Finds documents.</summary>
    /// <param name="collection">Where to look.</param>
    /// <param name="query">What to look for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Their newest versions.</returns>
    /// <exception cref="DocumentException">There are more than <see cref="DocumentsOptions.MaxQueryResults"/>.</exception>
    Task<IReadOnlyList<DocumentSnapshot>> QueryAsync(string collection, DocumentQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes back a user's newest change that was not taken back, through all that was done since by others. Creations and deletions are
    /// not taken back, and nothing before them.
    /// </summary>
    /// <param name="key">The document.</param>
    /// <param name="author">The user; for one who was not signed in the source of the operations.</param>
    /// <param name="cancellationToken">Gives up the wait; the change may still be made.</param>
    /// <returns>The operation that was made, or null if there is nothing to take back.</returns>
    /// <exception cref="DocumentException">The document's type cannot do that.</exception>
    Task<DocumentOperation?> UndoAsync(DocumentKey key, string author, CancellationToken cancellationToken = default);

    /// <summary>Takes back a user's newest <see cref="UndoAsync"/>, unless the user has changed something since.</summary>
    /// <param name="key">The document.</param>
    /// <param name="author">The user; for one who was not signed in the source of the operations.</param>
    /// <param name="cancellationToken">Gives up the wait; the change may still be made.</param>
    /// <returns>The operation that was made, or null if there is nothing to do again.</returns>
    /// <exception cref="DocumentException">The document's type cannot do that.</exception>
    Task<DocumentOperation?> RedoAsync(DocumentKey key, string author, CancellationToken cancellationToken = default);
}
