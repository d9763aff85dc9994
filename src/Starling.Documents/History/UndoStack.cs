using Starling.Documents.Storage;

namespace Starling.Documents.History;

/// <summary>What one user has done to a document and may take back, or has taken back and may do again; read off the op log.</summary>
internal sealed class UndoStack
{
    private readonly Stack<DocumentOperation> _done = new();
    private readonly Stack<DocumentOperation> _undone = new();

    public UndoStack(IEnumerable<DocumentOperation> log, string author)
    {
        foreach (var operation in log)
        {
            Add(operation, author);
        }
    }

    /// <summary>What the next undoing takes back, or null.</summary>
    public DocumentOperation? NextUndo => _done.TryPeek(out var operation) ? operation : null;

    /// <summary>The undoing that the next redoing takes back, or null.</summary>
    public DocumentOperation? NextRedo => _undone.TryPeek(out var operation) ? operation : null;

    private void Add(DocumentOperation operation, string author)
    {
        if (operation.Kind != OperationKind.Edit)
        {
            _done.Clear();
            _undone.Clear();
        }
        else if ((operation.Author ?? operation.Id.Source) == author)
        {
            switch (operation.Intent)
            {
                case OperationIntent.Undo:
                    _done.TryPop(out _);
                    _undone.Push(operation);
                    break;
                case OperationIntent.Redo:
                    _undone.TryPop(out _);
                    _done.Push(operation);
                    break;
                default:
                    _undone.Clear();
                    _done.Push(operation);
                    break;
            }
        }
    }
}
