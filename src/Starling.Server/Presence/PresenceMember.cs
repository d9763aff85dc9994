namespace Starling.Server.Presence;

/// <summary>One who is present in a channel.</summary>
/// <param name="Id">Its name, unique in the channel.</param>
/// <param name="State">What it says of itself: UTF-8 JSON.</param>
/// <param name="Since">When it came.</param>
public sealed record PresenceMember(string Id, ReadOnlyMemory<byte> State, DateTimeOffset Since);
