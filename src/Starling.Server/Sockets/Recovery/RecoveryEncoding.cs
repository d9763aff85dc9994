using Starling.Server.Backplane;
using Starling.Server.Rooms;
using Starling.Server.Sockets.Cluster;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets.Recovery;

/// <summary>
/// Lost sockets and their packets as messages between nodes, and back. Clocks of machines differ, so that ages travel and not times.
/// </summary>
internal sealed class RecoveryEncoding(PayloadSerializer serializer, TimeProvider time, Action<string, Exception> dataFailed)
{
    private const int MaxMessageBytes = 1024 * 1024;
    private const int Overhead = 128;

    /// <summary>Cuts packets into lists that are not too large for one message; the last one may be empty.</summary>
    public static IEnumerable<IReadOnlyList<RecoveryPacket>> Chunk(IEnumerable<RecoveryPacket> packets)
    {
        var (chunk, bytes) = (new List<RecoveryPacket>(), 0L);
        foreach (var packet in packets)
        {
            var size = SizeOf(packet);
            if (chunk.Count > 0 && bytes + size > MaxMessageBytes)
            {
                yield return chunk;
                (chunk, bytes) = ([], 0);
            }

            chunk.Add(packet);
            bytes += size;
        }

        yield return chunk;
    }

    public static IEnumerable<IReadOnlyList<RecoverySession>> Chunk(IEnumerable<RecoverySession> sessions)
    {
        var (chunk, bytes) = (new List<RecoverySession>(), 0L);
        foreach (var session in sessions)
        {
            var size = Overhead + session.Data.Length + session.Rooms.Sum(static room => room.Length) + session.Packets.Sum(SizeOf);
            if (chunk.Count > 0 && bytes + size > MaxMessageBytes)
            {
                yield return chunk;
                (chunk, bytes) = ([], 0);
            }

            chunk.Add(session);
            bytes += size;
        }

        yield return chunk;
    }

    public static long SizeOf(RecoveryPacket packet) =>
        Overhead + packet.Payload.Json.Length + packet.Payload.Attachments.Sum(static attachment => (long)attachment.Length);

    public RecoverySession Encode(ReleasedSocket released)
    {
        var (socket, ticket) = (released.Socket, released.Socket.Ticket);
        return new RecoverySession(
            socket.Id, ticket.Id, socket.Rooms,
            SocketData.ToUtf8(socket.Data, serializer, (name, exception) => dataFailed(socket.Id + "." + name, exception)),
            AgeOf(ticket.CreatedAt), AgeOf(socket.LostAt), ticket.Offset, ticket.Standing.Number, ticket.Standing.Index,
            [.. socket.Missed.Select(static missed => new RecoveryPacket(
                PayloadOf(missed.Event), missed.Event.Position, 0, null, 0, missed.FormerOffsets))],
            [.. released.Seen.Select(static item => new RecoveryPosition(item.Key, item.Value))]);
    }

    public ReleasedSocket Decode(RecoverySession session, IEnumerable<RecoveryPacket> packets)
    {
        var ticket = new RecoveryTicket(session.RecoveryId, session.Offset, TimeOf(session.AgeMilliseconds))
        {
            Standing = new Standing(session.Number, session.Index),
        };
        var socket = new RecoveredSocket(
            session.Id, ticket, [.. session.Rooms], SocketData.FromUtf8(session.Data.Span), TimeOf(session.LostMilliseconds))
        {
            Missed = [.. packets.Select(static packet => new MissedEvent(EventOf(packet), "", [.. packet.FormerOffsets]))],
        };
        var seen = session.Seen.ToDictionary(static item => item.Origin, static item => item.Sequence, StringComparer.Ordinal);
        return new ReleasedSocket(socket, seen);
    }

    public RecoveryPacket Encode(StoredPacket packet) => new(
        PayloadOf(packet.Event), packet.Event.Position, packet.Number, new SocketSelection(packet.Target.Rooms, packet.Target.Except),
        AgeOf(packet.StoredAt), []);

    public HandOverMessage Encode(HandedOverLog log, string topic, string transferId) => new(
        topic, transferId, log.Name, log.FirstNumber, log.NextNumber, log.DroppedAt is { } at ? AgeOf(at) : null, log.Seen);

    public HandedOverLog Decode(HandOverMessage message, IEnumerable<RecoveryPacket> packets, IEnumerable<RecoverySession> sessions) => new(
        message.Log, message.FirstNumber, message.NextNumber, message.DroppedMilliseconds is { } age ? TimeOf(age) : null,
        [.. packets.Select(Decode)], [.. sessions.Select(session => Decode(session, session.Packets))], message.Seen);

    private StoredPacket Decode(RecoveryPacket packet) => new(
        packet.Number, EventOf(packet), new BroadcastTarget([.. packet.Selection!.Rooms], [.. packet.Selection.Except]),
        TimeOf(packet.AgeMilliseconds));

    private static SocketPayload PayloadOf(StoredEvent stored) => new(stored.Json, stored.Attachments);

    private static StoredEvent EventOf(RecoveryPacket packet) =>
        new(packet.Payload.Json, [.. packet.Payload.Attachments], packet.Position);

    private long AgeOf(DateTimeOffset moment) => (long)(time.GetUtcNow() - moment).TotalMilliseconds;

    private DateTimeOffset TimeOf(long age) => time.GetUtcNow() - TimeSpan.FromMilliseconds(age);
}
