namespace Starling.Documents.Storage;

/// <summary>A snapshot to be kept as a milestone. One of the same version is replaced, but a name is never replaced by none.</summary>
/// <param name="Snapshot">The document at that version.</param>
/// <param name="Name">What a user called it, or null.</param>
public sealed record MilestoneSnapshot(DocumentSnapshot Snapshot, string? Name);
