using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.Middleware;

/// <summary>An operation that was applied and is about to be stored.</summary>
public sealed class CommitContext : SubmitContext
{
    private readonly DocumentState _after;

    internal CommitContext(SubmissionRequest request, DocumentState after, DocumentOperation operation)
        : base(request)
    {
        _after = after;
        Operation = operation;
    }

    /// <summary>What will be stored.</summary>
    public DocumentOperation Operation { get; }

    /// <summary>The document after it.</summary>
    public DocumentSnapshot Snapshot => _after.ToSnapshot();

    /// <summary>Whether this version is kept whole as a milestone.</summary>
    public bool SaveMilestone { get; set; }
}
