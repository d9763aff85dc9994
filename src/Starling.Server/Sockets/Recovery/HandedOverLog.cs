using Starling.Server.Backplane;

namespace Starling.Server.Sockets.Recovery;

/// <summary>A log on its way from a node that stops to its heir.</summary>
/// <param name="Name">The log's name.</param>
/// <param name="FirstNumber">The number of the oldest packet that it can account for.</param>
/// <param name="NextNumber">The number that follows its last packet.</param>
/// <param name="DroppedAt">When the newest packet before those was stored.</param>
/// <param name="Packets">What the lost sockets may need, oldest first.</param>
/// <param name="Lost">The lost sockets; what they missed are the events of their preludes.</param>
/// <param name="Seen">The last event of each origin.</param>
internal sealed record HandedOverLog(
    string Name, long FirstNumber, long NextNumber, DateTimeOffset? DroppedAt, IReadOnlyList<StoredPacket> Packets,
    IReadOnlyList<ReleasedSocket> Lost, IReadOnlyList<RecoveryPosition> Seen);
