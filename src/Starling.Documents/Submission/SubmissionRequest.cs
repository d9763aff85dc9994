using Starling.Documents.Storage;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.Submission;

/// <summary>An operation as somebody wants it to be made.</summary>
internal record SubmissionRequest
{
    public required DocumentSession Session { get; init; }

    public required DocumentKey Key { get; init; }

    /// <summary>The projection through which it comes, or null.</summary>
    public Projection? Projection { get; init; }

    public required OperationId Id { get; init; }

    /// <summary>Whether it may have been sent before, on another connection, so that the store is asked for it.</summary>
    public bool MayBeResent { get; init; }

    /// <summary>The version it was made on; null for the current one.</summary>
    public long? BaseVersion { get; init; }

    public required OperationKind Kind { get; init; }

    /// <summary>For a creation the name or URI of the type.</summary>
    public string? Type { get; init; }

    /// <summary>The operation, or the data of a creation, as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>What the client added for the application (<c>x</c>), as UTF-8 JSON; empty if nothing.</summary>
    public ReadOnlyMemory<byte> Extra { get; init; }

    public OperationIntent Intent { get; init; }

    /// <summary>Whether its sender understands that an operation which became a no-op is refused.</summary>
    public bool UnderstandsNoOpRefusal { get; init; }

    /// <summary>The collection or projection that the sender knows the document by.</summary>
    public string Name => Projection?.Name ?? Key.Collection;
}
