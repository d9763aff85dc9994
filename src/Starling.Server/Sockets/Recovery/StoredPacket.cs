using Starling.Server.Rooms;

namespace Starling.Server.Sockets.Recovery;

/// <summary>An event in a recovery log.</summary>
/// <param name="Number">Its number in the log.</param>
/// <param name="Event">The event.</param>
/// <param name="Target">Who it was for.</param>
/// <param name="StoredAt">When it was sent.</param>
internal sealed record StoredPacket(long Number, StoredEvent Event, BroadcastTarget Target, DateTimeOffset StoredAt)
{
    public bool IsFor(RecoveredSocket socket) =>
        (Target.Rooms.Length == 0 || Target.Rooms.Any(socket.IsIn)) && !Target.Except.Any(socket.IsIn);
}
