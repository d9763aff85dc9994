namespace Starling.Server.Sockets.Recovery;

/// <summary>A lost socket between two logs.</summary>
/// <param name="Socket">The socket, with what it missed.</param>
/// <param name="Seen">Up to where, for each origin, it is settled which events it gets.</param>
internal sealed record ReleasedSocket(RecoveredSocket Socket, IReadOnlyDictionary<string, long> Seen);
