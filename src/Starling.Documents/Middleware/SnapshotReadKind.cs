namespace Starling.Documents.Middleware;

/// <summary>Why snapshots are read.</summary>
public enum SnapshotReadKind
{
    /// <summary>The newest version is wanted.</summary>
    Current,

    /// <summary>A version is wanted.</summary>
    ByVersion,

    /// <summary>The version at a time is wanted.</summary>
    ByTime,
}
