using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.Middleware;

/// <summary>An operation as it is submitted.</summary>
public class SubmitContext
{
    private readonly SubmissionRequest _request;

    internal SubmitContext(SubmissionRequest request)
    {
        _request = request;
    }

    /// <summary>Who submits it.</summary>
    public DocumentSession Session => _request.Session;

    /// <summary>The document.</summary>
    public DocumentKey Key => _request.Key;

    /// <summary>The collection or projection by which the sender knows the document.</summary>
    public string Name => _request.Name;

    /// <summary>The version it was made on, or null for the newest.</summary>
    public long? BaseVersion => _request.BaseVersion;

    /// <summary>What it does.</summary>
    public OperationKind Kind => _request.Kind;

    /// <summary>The operation as submitted, or the data of a creation, as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Data => _request.Data;

    /// <summary>What the client added for the application (<c>x</c>), as UTF-8 JSON; empty if nothing.</summary>
    public ReadOnlyMemory<byte> Extra => _request.Extra;
}
