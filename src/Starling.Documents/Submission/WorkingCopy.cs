using Starling.Documents.Storage;

namespace Starling.Documents.Submission;

/// <summary>A document as it will be when the batch that is being prepared has been committed.</summary>
/// <remarks>Owner: one attempt of a <see cref="SubmissionBatch"/>; not thread-safe.</remarks>
internal sealed class WorkingCopy(ActiveDocument document, DocumentState state)
{
    private readonly List<CommittedOperation> _appended = [];
    private List<MilestoneSnapshot>? _milestones;
    private long _appendedBytes;

    public DocumentState State { get; private set; } = state;

    public IReadOnlyList<CommittedOperation> Appended => _appended;

    public IReadOnlyList<MilestoneSnapshot> Milestones => _milestones ?? [];

    /// <summary>What was appended, as it is stored.</summary>
    public DocumentOperation[] Operations()
    {
        var operations = new DocumentOperation[_appended.Count];
        for (var i = 0; i < operations.Length; i++)
        {
            operations[i] = _appended[i].Operation;
        }

        return operations;
    }

    public long AppendedBytes => _appendedBytes;

    /// <summary>The operations from a version on up to <see cref="State"/>.</summary>
    /// <exception cref="DocumentException">Some are no longer kept.</exception>
    public async ValueTask<IReadOnlyList<CommittedOperation>> ReadAsync(long from, CancellationToken cancellationToken)
    {
        var committed = await document.ReadOperationsAsync(from, cancellationToken);
        return _appended.Count == 0 ? committed : [.. committed, .. _appended.Where(operation => operation.Version >= from)];
    }

    /// <summary>An operation of the document by its identity, stored or prepared in this batch.</summary>
    public async ValueTask<DocumentOperation?> FindAsync(OperationId id, CancellationToken cancellationToken) =>
        _appended.Find(item => item.Operation.Id == id)?.Operation
        ?? await document.Store.FindOperationAsync(State.Key, id, cancellationToken);

    public void Append(CommittedOperation operation, DocumentState next, bool milestone)
    {
        _appended.Add(operation);
        _appendedBytes += operation.Size;
        State = next;
        if (milestone && next.Type is not null)
        {
            (_milestones ??= []).Add(new MilestoneSnapshot(next.ToSnapshot(), null));
        }
    }
}
