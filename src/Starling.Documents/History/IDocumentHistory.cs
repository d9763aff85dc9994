using Starling.Documents.Storage;

namespace Starling.Documents.History;

/// <summary>The past of documents. Thread-safe; reading it does not hold up those who edit.</summary>
public interface IDocumentHistory
{
    /// <summary>The document as it was at a version.</summary>
    /// <param name="key">The document.</param>
    /// <param name="version">The version, at most the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The document.</returns>
    /// <exception cref="DocumentException">The document has not come so far, or that version is no longer kept.</exception>
    Task<DocumentSnapshot> AtVersionAsync(DocumentKey key, long version, CancellationToken cancellationToken = default);

    /// <summary>The document as it was at a time.</summary>
    /// <param name="key">The document.</param>
    /// <param name="time">The time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The document.</returns>
    /// <exception cref="DocumentException">That part of the past is no longer kept.</exception>
    Task<DocumentSnapshot> AtTimeAsync(DocumentKey key, DateTimeOffset time, CancellationToken cancellationToken = default);

    /// <summary>A part of the op log: who did what when.</summary>
    /// <param name="key">The document.</param>
    /// <param name="from">The first version wanted.</param>
    /// <param name="to">The version after the last one wanted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The operations; fewer if the document has not come so far.</returns>
    /// <exception cref="DocumentException">The first of them is no longer kept.</exception>
    Task<IReadOnlyList<DocumentOperation>> OperationsAsync(DocumentKey key, long from, long to, CancellationToken cancellationToken = default);

    /// <summary>The versions that are kept whole.</summary>
    /// <param name="key">The document.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The versions in their order.</returns>
    Task<IReadOnlyList<Milestone>> MilestonesAsync(DocumentKey key, CancellationToken cancellationToken = default);

    /// <summary>Names a version, which is then kept whole whatever becomes of the log.</summary>
    /// <param name="key">The document.</param>
    /// <param name="version">The version, at most the newest.</param>
    /// <param name="name">What to call it.</param>
    /// <param name="cancellationToken">Gives up the wait; the name may still be given.</param>
    /// <returns>Completes when it is stored.</returns>
    /// <exception cref="DocumentException">The document has not come so far, or that version is no longer kept.</exception>
    Task NameVersionAsync(DocumentKey key, long version, string name, CancellationToken cancellationToken = default);

    /// <summary>Drops the operations that the <see cref="RetentionPolicy"/> does not keep. Done of itself whenever a milestone is stored.</summary>
    /// <param name="key">The document.</param>
    /// <param name="cancellationToken">Gives up the wait; it may still be done.</param>
    /// <returns>The first version whose operation is still kept, as far as this call knows.</returns>
    Task<long> CompactAsync(DocumentKey key, CancellationToken cancellationToken = default);
}
