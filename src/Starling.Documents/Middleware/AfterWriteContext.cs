using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.Middleware;

/// <summary>An operation that was stored.</summary>
public sealed class AfterWriteContext : SubmitContext
{
    private readonly DocumentState _after;

    internal AfterWriteContext(SubmissionRequest request, DocumentState after, DocumentOperation operation)
        : base(request)
    {
        _after = after;
        Operation = operation;
    }

    /// <summary>What was stored.</summary>
    public DocumentOperation Operation { get; }

    /// <summary>The document after it.</summary>
    public DocumentSnapshot Snapshot => _after.ToSnapshot();
}
