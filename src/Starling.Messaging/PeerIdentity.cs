namespace Starling.Messaging;

/// <summary>Who a peer says it is.</summary>
/// <param name="Name">Name, unique among the peers of a server.</param>
/// <param name="Role">What it does; any number of peers may share a role.</param>
public sealed record PeerIdentity(string Name, string Role);
