namespace Starling.Documents.Storage;

/// <summary>A document at one version. Immutable.</summary>
public sealed record DocumentSnapshot
{
    /// <summary>The document.</summary>
    public required DocumentKey Key { get; init; }

    /// <summary>How many operations it has had; 0 for one that never was.</summary>
    public required long Version { get; init; }

    /// <summary>The URI of its type; null when it does not exist (not yet, or not any more).</summary>
    public string? Type { get; init; }

    /// <summary>The content as UTF-8 JSON; empty when it does not exist.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>When it was created, in milliseconds since 1970; 0 for one that never was.</summary>
    public long CreatedTime { get; init; }

    /// <summary>When its newest operation was committed, in milliseconds since 1970; 0 for one that never was.</summary>
    public long ModifiedTime { get; init; }

    /// <summary>The document that never was.</summary>
    /// <param name="key">Its name.</param>
    /// <returns>Version 0.</returns>
    public static DocumentSnapshot Absent(DocumentKey key) => new() { Key = key, Version = 0 };
}
