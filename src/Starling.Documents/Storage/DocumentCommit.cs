namespace Starling.Documents.Storage;

/// <summary>Changes to one document that are made together or not at all.</summary>
public sealed record DocumentCommit
{
    /// <summary>The document.</summary>
    public required DocumentKey Key { get; init; }

    /// <summary>How many operations the document must have had; otherwise somebody else was quicker and nothing is changed.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>The operations to append; their versions go on from <see cref="ExpectedVersion"/> without a gap.</summary>
    public IReadOnlyList<DocumentOperation> Operations { get; init; } = [];

    /// <summary>
    /// The document after the last of <see cref="Operations"/>, or null to leave the stored one as it is, which then lags behind. Must be
    /// given when an operation creates or deletes.
    /// </summary>
    public DocumentSnapshot? Snapshot { get; init; }

    /// <summary>Versions to keep whole.</summary>
    public IReadOnlyList<MilestoneSnapshot> Milestones { get; init; } = [];

    /// <summary>Operations of lower versions are deleted; 0 deletes none.</summary>
    public long DropOperationsBefore { get; init; }

    /// <summary>Milestones to delete, by version.</summary>
    public IReadOnlyList<long> DropMilestones { get; init; } = [];
}
