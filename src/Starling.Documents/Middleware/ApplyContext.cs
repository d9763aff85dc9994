using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.Middleware;

/// <summary>An operation that is about to be applied.</summary>
public sealed class ApplyContext : SubmitContext
{
    private readonly DocumentState _before;
    private readonly Action<ReadOnlyMemory<byte>> _fixUp;

    internal ApplyContext(
        SubmissionRequest request, DocumentState before, DocumentOperation operation, Action<ReadOnlyMemory<byte>> fixUp)
        : base(request)
    {
        _before = before;
        _fixUp = fixUp;
        Operation = operation;
    }

    /// <summary>The operation after transformation, before fix-ups.</summary>
    public DocumentOperation Operation { get; }

    /// <summary>The document before it.</summary>
    public DocumentSnapshot Snapshot => _before.ToSnapshot();

    /// <summary>Adds to the operation. All clients see the result; the sender is told what was added.</summary>
    /// <param name="operation">An operation of the document's type, to be applied after the submitted one, as UTF-8 JSON.</param>
    /// <exception cref="DocumentException">The operation deletes, or its type cannot join operations.</exception>
    /// <exception cref="Ot.OtException">It does not fit.</exception>
    public void FixUp(ReadOnlyMemory<byte> operation) => _fixUp(operation);
}
