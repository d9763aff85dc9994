using Starling.Server.Backplane;

namespace Starling.Server.Sockets.Recovery;

/// <summary>An event that lost sockets may still have to get; one object, however many of them that are.</summary>
/// <param name="json">The event as JSON array.</param>
/// <param name="attachments">Its attachments.</param>
/// <param name="position">What it is called in the cluster; null if no other node has got it.</param>
internal sealed class StoredEvent(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte>[] attachments, RecoveryPosition? position)
{
    public ReadOnlyMemory<byte> Json => json;

    public ReadOnlyMemory<byte>[] Attachments => attachments;

    public RecoveryPosition? Position => position;

    public int Size { get; } = json.Length + attachments.Sum(static attachment => attachment.Length);

    /// <summary>How many places of a log hold it. Guarded by that log.</summary>
    public int Holders { get; set; }

    /// <summary>The event as it has to be sent: with an offset as last argument.</summary>
    public byte[] WithOffset(string offset) => BroadcastEncoding.AppendOffset(json.Span, offset);
}
