using Starling.Server.Rooms;

namespace Starling.Server.Sockets.Recovery;

/// <summary>An event that lost sockets may still have to get.</summary>
/// <param name="Array">The event as JSON array, with its offset as last argument.</param>
/// <param name="Attachments">Its attachments.</param>
/// <param name="Target">Who it was for.</param>
/// <param name="StoredAt">When it was sent.</param>
internal sealed record StoredPacket(byte[] Array, ReadOnlyMemory<byte>[] Attachments, BroadcastTarget Target, DateTimeOffset StoredAt)
{
    public int Size { get; } = Array.Length + Attachments.Sum(static attachment => attachment.Length);

    public bool IsFor(RecoveredSocket socket) =>
        (Target.Rooms.Length == 0 || Target.Rooms.Any(socket.IsIn)) && !Target.Except.Any(socket.IsIn);
}
