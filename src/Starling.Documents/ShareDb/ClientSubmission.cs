using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>An operation that a client wants to be made, and the message that waits for its answer.</summary>
internal sealed record ClientSubmission : SubmissionRequest
{
    public required ShareDbRequest Message { get; init; }

    /// <summary>Whether the client may read the document, and so get what others have done to it.</summary>
    public bool MayRead { get; init; } = true;

    /// <summary>The collection as the client names it.</summary>
    public required CollectionName Collection { get; init; }
}
