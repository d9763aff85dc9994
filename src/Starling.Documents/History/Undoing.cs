using Starling.Documents.Hosting;
using Starling.Documents.Storage;
using Starling.Documents.Submission;
using Starling.Ot;

namespace Starling.Documents.History;

/// <summary>Makes the change that takes an earlier one back: its inverse at its own version, which submission then carries to the newest one.</summary>
internal sealed class Undoing(DocumentEngine engine, HistoryReader history)
{
    /// <summary>The change to submit, or null if there is nothing to take back.</summary>
    /// <exception cref="DocumentException">The document's type cannot take operations back.</exception>
    public async Task<DocumentChange?> FindAsync(DocumentKey key, string author, OperationIntent intent, CancellationToken cancellationToken)
    {
        var current = await engine.FetchAsync(key).WaitAsync(cancellationToken);
        var from = Math.Max(0, current.Version - engine.Services.Options.MaxUndoOperations);
        var log = await engine.Services.Store.ReadOperationsAsync(key, from, current.Version, cancellationToken);
        var stack = new UndoStack(log, author);
        if ((intent == OperationIntent.Undo ? stack.NextUndo : stack.NextRedo) is not { } operation)
        {
            return null;
        }

        var inverse = await InvertAsync(key, operation, cancellationToken);

        // The identity is made of what is taken back, so that of two calls at once only one does it.
        return DocumentChange.Edit(inverse) with
        {
            Id = new OperationId($"{intent} by {author}", operation.Version),
            Author = author,
            BaseVersion = operation.Version + 1,
            Intent = intent,
        };
    }

    private async Task<ReadOnlyMemory<byte>> InvertAsync(DocumentKey key, DocumentOperation operation, CancellationToken cancellationToken)
    {
        var before = await history.AtVersionAsync(key, operation.Version, cancellationToken);
        if (before.Type is not IInvertibleType type)
        {
            throw new DocumentException(DocumentErrors.CannotUndo, $"Documents of type {before.Type?.Uri} cannot take operations back");
        }

        return LimitedWriter.Write(
            type.Invert(type.ReadOperation(operation.Data.Span), before.Content!), engine.Services.Options.MaxOperationBytes);
    }
}
