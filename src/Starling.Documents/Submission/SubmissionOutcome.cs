using Starling.Documents.Storage;

namespace Starling.Documents.Submission;

/// <summary>What became of a submission that was not refused.</summary>
/// <param name="Operation">The operation as it is stored.</param>
/// <param name="State">The document after it, or null if it had been submitted before.</param>
/// <param name="Missed">The operations, committed since its base version, that it was transformed over.</param>
internal sealed record SubmissionOutcome(DocumentOperation Operation, DocumentState? State, IReadOnlyList<CommittedOperation> Missed)
{
    /// <summary>The operation for its readers, or null if it had been submitted before.</summary>
    public CommittedOperation? Committed { get; init; }
}
