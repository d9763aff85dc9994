using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.Subscriptions;

/// <summary>Takes what a live query finds out. Called by one thread at a time.</summary>
internal interface ILiveQueryClient
{
    /// <summary>The result changed; <paramref name="inserted"/> has the documents of all insertions, by id.</summary>
    void OnChanges(IReadOnlyList<ListChange> changes, IReadOnlyDictionary<string, DocumentSnapshot> inserted);

    /// <summary>An operation on a document of the result.</summary>
    void OnOperation(CommittedOperation operation);

    /// <summary>The query could not be run; it is tried again with the next operation.</summary>
    void OnError(Exception exception);
}
