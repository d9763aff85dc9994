using Starling.Server.Sockets.Recovery;

namespace Starling.Server.Sockets;

/// <summary>What is kept of a socket whose client lost its connection.</summary>
/// <param name="Id">The socket's id.</param>
/// <param name="Ticket">How its client proves that it had it, and where it stands.</param>
/// <param name="Rooms">The rooms that it was in, its own among them.</param>
/// <param name="Data">What the application kept about it.</param>
/// <param name="LostAt">When its client was lost.</param>
internal sealed record RecoveredSocket(
    string Id, RecoveryTicket Ticket, string[] Rooms, IDictionary<string, object?> Data, DateTimeOffset LostAt)
{
    /// <summary>The events that it missed, oldest first.</summary>
    public IReadOnlyList<MissedEvent> Missed { get; init; } = [];

    public bool IsIn(string room) => Array.IndexOf(Rooms, room) >= 0;
}
