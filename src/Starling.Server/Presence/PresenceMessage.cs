using System.Text.Json;
using System.Text.Json.Serialization;

namespace Starling.Server.Presence;

/// <summary>What nodes tell each other of presence.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Entries">The members it concerns.</param>
internal sealed record PresenceMessage(PresenceMessageKind Kind, IReadOnlyList<PresenceEntry> Entries);

/// <summary>A member as it travels.</summary>
/// <param name="Channel">Its channel.</param>
/// <param name="Member">Its name.</param>
/// <param name="State">Its state, or null when it is meant by name only.</param>
/// <param name="Since">When it came.</param>
internal sealed record PresenceEntry(string Channel, string Member, JsonElement? State, DateTimeOffset Since);

/// <summary>Kinds of <see cref="PresenceMessage"/>.</summary>
internal enum PresenceMessageKind
{
    /// <summary>The sender lives.</summary>
    Beat,

    /// <summary>Members of the sender came or changed.</summary>
    Join,

    /// <summary>Members of the sender went.</summary>
    Leave,

    /// <summary>The sender is new and wants to know everything.</summary>
    Ask,
}

[JsonSerializable(typeof(PresenceMessage))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class PresenceMessageContext : JsonSerializerContext;
