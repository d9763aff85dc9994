namespace Starling.Documents.Storage;

/// <summary>What became of a commit.</summary>
public enum CommitResult
{
    /// <summary>Everything in it is durable.</summary>
    Committed,

    /// <summary>The document has another version than was expected; nothing was changed.</summary>
    VersionConflict,

    /// <summary>An operation of the same identity is in the log already; nothing was changed.</summary>
    DuplicateOperation,
}
