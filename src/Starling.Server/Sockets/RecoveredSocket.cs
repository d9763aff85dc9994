using Starling.Server.Sockets.Recovery;

namespace Starling.Server.Sockets;

/// <summary>What is kept of a socket whose client lost its connection.</summary>
/// <param name="Id">The socket's id.</param>
/// <param name="RecoveryId">The secret by which its client proves that it had it.</param>
/// <param name="Rooms">The rooms that it was in, its own among them.</param>
/// <param name="Data">What the application kept about it.</param>
internal sealed record RecoveredSocket(string Id, string RecoveryId, string[] Rooms, IDictionary<string, object?> Data)
{
    /// <summary>The packets that it missed, oldest first.</summary>
    public IReadOnlyList<StoredPacket> Missed { get; init; } = [];

    public bool IsIn(string room) => Array.IndexOf(Rooms, room) >= 0;
}
