namespace Starling.Documents.Storage;

/// <summary>A committed operation. Immutable.</summary>
public sealed record DocumentOperation
{
    /// <summary>The version of the document that it was applied to; the document then has the next one.</summary>
    public required long Version { get; init; }

    /// <summary>Its identity.</summary>
    public required OperationId Id { get; init; }

    /// <summary>What it does.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>For a creation the URI of the document's type, otherwise null.</summary>
    public string? Type { get; init; }

    /// <summary>
    /// UTF-8 JSON: of an edit the operation as its type writes it; of a creation the data, empty if there were none; of a deletion empty.
    /// </summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>When it was committed, in milliseconds since 1970.</summary>
    public required long Time { get; init; }

    /// <summary>The user who made it, or null when nobody was signed in.</summary>
    public string? Author { get; init; }

    /// <summary>Why it was made.</summary>
    public OperationIntent Intent { get; init; }

    /// <summary>UTF-8 JSON: what the server added to it, as a list in ShareDB's form; empty if nothing.</summary>
    public ReadOnlyMemory<byte> Fixups { get; init; }
}
