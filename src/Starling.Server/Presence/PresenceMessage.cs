using System.Text.Json;
using System.Text.Json.Serialization;

namespace Starling.Server.Presence;

/// <summary>What a node tells the others of its members.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="From">
/// For changes, the version of the sender's members before them. A receiver at another version has missed something and asks.
/// </param>
/// <param name="To">The version of the sender's members afterwards: how often they have changed.</param>
/// <param name="Entries">The members it concerns.</param>
internal sealed record PresenceMessage(PresenceMessageKind Kind, long From, long To, IReadOnlyList<PresenceEntry> Entries)
{
    /// <summary>For parts of an answer, the place of this one.</summary>
    public int Part { get; init; }

    /// <summary>Whether the answer has no further parts.</summary>
    public bool IsLast { get; init; }
}

/// <summary>A member as it travels.</summary>
/// <param name="Channel">Its channel.</param>
/// <param name="Member">Its name.</param>
/// <param name="State">Its state, or null when it has left.</param>
/// <param name="Since">When it came.</param>
internal sealed record PresenceEntry(string Channel, string Member, JsonElement? State, DateTimeOffset Since);

/// <summary>Kinds of <see cref="PresenceMessage"/>.</summary>
internal enum PresenceMessageKind
{
    /// <summary>The sender lives.</summary>
    Beat,

    /// <summary>Members of the sender came, changed or left.</summary>
    Changes,

    /// <summary>All members of the sender, or a part of them.</summary>
    All,

    /// <summary>The sender wants to know everything.</summary>
    Ask,
}

[JsonSerializable(typeof(PresenceMessage))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class PresenceMessageContext : JsonSerializerContext;
