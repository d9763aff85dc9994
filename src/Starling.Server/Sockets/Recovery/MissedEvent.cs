namespace Starling.Server.Sockets.Recovery;

/// <summary>An event that a client has missed.</summary>
/// <param name="Event">The event.</param>
/// <param name="Offset">The offset with which it is sent.</param>
internal readonly record struct MissedEvent(StoredEvent Event, string Offset);
