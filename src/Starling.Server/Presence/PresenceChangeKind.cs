namespace Starling.Server.Presence;

/// <summary>What happened to a member.</summary>
public enum PresenceChangeKind
{
    /// <summary>It came.</summary>
    Joined,

    /// <summary>Its state is another one.</summary>
    Updated,

    /// <summary>It went, its time ran out, or its node is gone.</summary>
    Left,
}
