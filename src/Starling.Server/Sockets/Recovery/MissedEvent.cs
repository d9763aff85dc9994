namespace Starling.Server.Sockets.Recovery;

/// <summary>An event that a client has missed.</summary>
/// <param name="Event">The event.</param>
/// <param name="Offset">The offset with which it is sent; empty on the way to another log, which gives it one of its own.</param>
/// <param name="FormerOffsets">Offsets with which the client may have got it already; an older attempt to come back did not know of that.</param>
internal readonly record struct MissedEvent(StoredEvent Event, string Offset, string[] FormerOffsets);
