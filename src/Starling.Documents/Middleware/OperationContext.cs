using Starling.Documents.Storage;

namespace Starling.Documents.Middleware;

/// <summary>An operation on its way to a client.</summary>
public sealed class OperationContext
{
    internal OperationContext(DocumentSession session, DocumentKey key, DocumentOperation operation)
    {
        Session = session;
        Key = key;
        Operation = operation;
    }

    /// <summary>To whom it goes.</summary>
    public DocumentSession Session { get; }

    /// <summary>The document.</summary>
    public DocumentKey Key { get; }

    /// <summary>The operation, reduced to what the client's projection shows.</summary>
    public DocumentOperation Operation { get; }
}
