namespace Starling.Server.Presence;

/// <summary>A change of who is present.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Channel">Where.</param>
/// <param name="Member">To whom; for <see cref="PresenceChangeKind.Left"/> with its last state.</param>
public sealed record PresenceChange(PresenceChangeKind Kind, string Channel, PresenceMember Member)
{
    /// <summary>The node that the member belongs to.</summary>
    internal string Node { get; init; } = "";

    /// <summary>Whether it left because its node is gone.</summary>
    internal bool IsOrphaned { get; init; }
}
