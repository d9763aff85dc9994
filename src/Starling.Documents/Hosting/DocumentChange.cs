using Starling.Documents.Storage;

namespace Starling.Documents.Hosting;

/// <summary>A change that the server wants to make to a document.</summary>
public sealed record DocumentChange
{
    private DocumentChange(OperationKind kind)
    {
        Kind = kind;
    }

    /// <summary>What it does.</summary>
    public OperationKind Kind { get; }

    /// <summary>For a creation the name or URI of the type.</summary>
    public string? Type { get; private init; }

    /// <summary>The operation, or the data of a creation, as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Data { get; private init; }

    /// <summary>The version it was made on; null, the default, for whatever is the newest when it is applied.</summary>
    public long? BaseVersion { get; init; }

    /// <summary>
    /// Its identity; null, the default, for a new one. One that is given makes submitting twice harmless: the second time gives what the
    /// first one gave.
    /// </summary>
    public OperationId? Id { get; init; }

    /// <summary>The user in whose name it is made, or null for the server itself.</summary>
    public string? Author { get; init; }

    internal OperationIntent Intent { get; init; }

    /// <summary>Creates the document.</summary>
    /// <param name="type">The name or URI of a registered type.</param>
    /// <param name="data">What its type takes as a first content, as UTF-8 JSON; empty for none.</param>
    /// <returns>The change.</returns>
    public static DocumentChange Create(string type, ReadOnlyMemory<byte> data = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        return new(OperationKind.Create) { Type = type, Data = data };
    }

    /// <summary>Changes the content.</summary>
    /// <param name="operation">An operation of the document's type, as UTF-8 JSON.</param>
    /// <returns>The change.</returns>
    public static DocumentChange Edit(ReadOnlyMemory<byte> operation) => new(OperationKind.Edit) { Data = operation };

    /// <summary>Deletes the document.</summary>
    /// <returns>The change.</returns>
    public static DocumentChange Delete() => new(OperationKind.Delete);
}
