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

    /// <summary>The operations from a version on up to <see cref="State"/>, or the first of them where they are many or large.</summary>
    /// <exception cref="DocumentException">Some are no longer kept.</exception>
    public async ValueTask<IReadOnlyList<CommittedOperation>> ReadAsync(long from, CancellationToken cancellationToken)
    {
        var committed = await document.ReadOperationsAsync(from, cancellationToken);
        return _appended.Count == 0 || from + committed.Count < document.State.Version ? committed : [.. committed, .. _appended.Where(operation => operation.Version >= from)];
    }

    /// <summary>An operation of this batch by its identity.</summary>
    public DocumentOperation? FindAppended(OperationId id)
    {
        foreach (var item in _appended)
        {
            if (item.Operation.Id.Sequence == id.Sequence && item.Operation.Id.Source == id.Source)
            {
                return item.Operation;
            }
        }

        return null;
    }

    /// <summary>An operation in the store by its identity.</summary>
    public ValueTask<DocumentOperation?> FindStoredAsync(OperationId id, CancellationToken cancellationToken) =>
        document.Store.FindOperationAsync(State.Key, id, cancellationToken);

    public void Append(CommittedOperation operation, DocumentState next, bool milestone)
    {
        // First what may fail, so that all of it is there or nothing.
        var kept = milestone && next.Type is not null ? new MilestoneSnapshot(next.ToSnapshot(), null) : null;
        _appended.Add(operation);
        _appendedBytes += operation.Size;
        State = next;
        if (kept is not null)
        {
            (_milestones ??= []).Add(kept);
        }
    }
}
