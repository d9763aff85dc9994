namespace Starling.Documents.Storage;

/// <summary>Up to where a snapshot is wanted.</summary>
public readonly record struct SnapshotPoint
{
    private SnapshotPoint(long? version, long? time)
    {
        Version = version;
        Time = time;
    }

    /// <summary>The newest that there is.</summary>
    public static SnapshotPoint Latest => default;

    /// <summary>The highest version wanted, or null for any.</summary>
    public long? Version { get; }

    /// <summary>The latest time wanted, in milliseconds since 1970, or null for any.</summary>
    public long? Time { get; }

    /// <summary>The newest of at most this version.</summary>
    /// <param name="version">The version.</param>
    /// <returns>The point.</returns>
    public static SnapshotPoint AtVersion(long version) => new(version, null);

    /// <summary>The newest that was modified at or before this time.</summary>
    /// <param name="time">Milliseconds since 1970.</param>
    /// <returns>The point.</returns>
    public static SnapshotPoint AtTime(long time) => new(null, time);

    /// <summary>Whether a snapshot lies at or before this point.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <returns>Whether it does.</returns>
    public bool Includes(DocumentSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return !(snapshot.Version > Version) && !(snapshot.ModifiedTime > Time);
    }
}
