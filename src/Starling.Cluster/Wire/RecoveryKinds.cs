using Starling.Protocol.Buffers;
using Starling.Server.Backplane;

namespace Starling.Cluster.Wire;

/// <summary>The kinds of messages by which lost sockets go from node to node. Numbers and rules are those of <see cref="MessageKinds"/>.</summary>
internal static class RecoveryKinds
{
    public static MessageKind[] All { get; } =
    [
        MessageKind.Of<FetchRecoveryMessage>(
            12,
            static (buffer, message) =>
            {
                buffer.WriteText(message.RequestId);
                buffer.WriteText(message.RecoveryId);
                buffer.WriteText(message.Offset);
                buffer.WriteText(message.Asker);
                buffer.WriteNumber(message.Hops);
            },
            static (topic, ref fields) => new FetchRecoveryMessage(
                topic, fields.ReadText(), fields.ReadText(), fields.ReadOptionalText(), fields.ReadText(), (int)fields.ReadNumber())),
        MessageKind.Of<RecoveryUnknownMessage>(
            13,
            static (buffer, message) => buffer.WriteText(message.RequestId),
            static (topic, ref fields) => new RecoveryUnknownMessage(topic, fields.ReadText())),
        MessageKind.Of<RecoveryFoundMessage>(
            14,
            static (buffer, message) =>
            {
                buffer.WriteText(message.RequestId);
                buffer.WriteSession(message.Session);
            },
            static (topic, ref fields) => new RecoveryFoundMessage(topic, fields.ReadText(), ReadSession(ref fields))),
        MessageKind.Of<RecoveryPacketsMessage>(
            15,
            static (buffer, message) =>
            {
                buffer.WriteText(message.TransferId);
                buffer.WritePackets(message.Packets);
            },
            static (topic, ref fields) => new RecoveryPacketsMessage(topic, fields.ReadText(), ReadPackets(ref fields))),
        MessageKind.Of<RecoverySessionsMessage>(
            16,
            static (buffer, message) =>
            {
                buffer.WriteText(message.TransferId);
                buffer.WriteNumber(message.Sessions.Count);
                foreach (var session in message.Sessions)
                {
                    buffer.WriteSession(session);
                }
            },
            static (topic, ref fields) => new RecoverySessionsMessage(topic, fields.ReadText(), ReadSessions(ref fields))),
        MessageKind.Of<OfferHandOverMessage>(
            17,
            static (buffer, message) => buffer.WriteText(message.RequestId),
            static (topic, ref fields) => new OfferHandOverMessage(topic, fields.ReadText())),
        MessageKind.Of<AcceptHandOverMessage>(
            18,
            static (buffer, message) => buffer.WriteText(message.RequestId),
            static (topic, ref fields) => new AcceptHandOverMessage(topic, fields.ReadText())),
        MessageKind.Of<HandOverMessage>(
            19,
            static (buffer, message) =>
            {
                buffer.WriteText(message.TransferId);
                buffer.WriteText(message.Log);
                buffer.WriteNumber(message.FirstNumber);
                buffer.WriteNumber(message.NextNumber);
                buffer.WriteFlag(message.DroppedMilliseconds is not null);
                buffer.WriteNumber(message.DroppedMilliseconds ?? 0);
                buffer.WritePositions(message.Seen);
            },
            static (topic, ref fields) => new HandOverMessage(
                topic, fields.ReadText(), fields.ReadText(), fields.ReadNumber(), fields.ReadNumber(), ReadOptionalNumber(ref fields), ReadPositions(ref fields))),
        MessageKind.Of<HandOverDoneMessage>(
            20,
            static (buffer, message) => buffer.WriteText(message.TransferId),
            static (topic, ref fields) => new HandOverDoneMessage(topic, fields.ReadText())),
    ];

    /// <summary>No origin stands for no position.</summary>
    public static void WritePosition(this PooledBuffer buffer, RecoveryPosition? position)
    {
        buffer.WriteText(position?.Origin);
        if (position is { } given)
        {
            buffer.WriteNumber(given.Sequence);
        }
    }

    public static RecoveryPosition? ReadPosition(ref FieldReader fields) =>
        fields.ReadOptionalText() is { } origin ? new RecoveryPosition(origin, fields.ReadNumber()) : null;

    private static long? ReadOptionalNumber(ref FieldReader fields)
    {
        var isGiven = fields.ReadFlag();
        var number = fields.ReadNumber();
        return isGiven ? number : null;
    }

    private static void WritePositions(this PooledBuffer buffer, IReadOnlyList<RecoveryPosition> positions)
    {
        buffer.WriteNumber(positions.Count);
        foreach (var position in positions)
        {
            buffer.WriteText(position.Origin);
            buffer.WriteNumber(position.Sequence);
        }
    }

    private static RecoveryPosition[] ReadPositions(ref FieldReader fields)
    {
        var positions = new RecoveryPosition[fields.ReadCount()];
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] = new RecoveryPosition(fields.ReadText(), fields.ReadNumber());
        }

        return positions;
    }

    private static void WritePackets(this PooledBuffer buffer, IReadOnlyList<RecoveryPacket> packets)
    {
        buffer.WriteNumber(packets.Count);
        foreach (var packet in packets)
        {
            buffer.WritePayload(packet.Payload);
            buffer.WritePosition(packet.Position);
            buffer.WriteNumber(packet.Number);
            buffer.WriteFlag(packet.Selection is not null);
            if (packet.Selection is { } selection)
            {
                buffer.WriteSelection(selection);
            }

            buffer.WriteNumber(packet.AgeMilliseconds);
            buffer.WriteTexts(packet.FormerOffsets);
        }
    }

    private static RecoveryPacket[] ReadPackets(ref FieldReader fields)
    {
        var packets = new RecoveryPacket[fields.ReadCount()];
        for (var i = 0; i < packets.Length; i++)
        {
            packets[i] = new RecoveryPacket(
                MessageKinds.ReadPayload(ref fields), ReadPosition(ref fields), fields.ReadNumber(),
                fields.ReadFlag() ? MessageKinds.ReadSelection(ref fields) : null, fields.ReadNumber(), fields.ReadTexts());
        }

        return packets;
    }

    private static void WriteSession(this PooledBuffer buffer, RecoverySession session)
    {
        buffer.WriteText(session.Id);
        buffer.WriteText(session.RecoveryId);
        buffer.WriteTexts(session.Rooms);
        buffer.WriteBytes(session.Data.Span);
        buffer.WriteNumber(session.AgeMilliseconds);
        buffer.WriteNumber(session.LostMilliseconds);
        buffer.WriteText(session.Offset);
        buffer.WriteNumber(session.Number);
        buffer.WriteNumber(session.Index);
        buffer.WritePackets(session.Packets);
        buffer.WritePositions(session.Seen);
    }

    private static RecoverySession ReadSession(ref FieldReader fields) => new(
        fields.ReadText(), fields.ReadText(), fields.ReadTexts(), fields.ReadBytes(), fields.ReadNumber(), fields.ReadNumber(), fields.ReadOptionalText(),
        fields.ReadNumber(), (int)fields.ReadNumber(), ReadPackets(ref fields), ReadPositions(ref fields));

    private static RecoverySession[] ReadSessions(ref FieldReader fields)
    {
        var sessions = new RecoverySession[fields.ReadCount()];
        for (var i = 0; i < sessions.Length; i++)
        {
            sessions[i] = ReadSession(ref fields);
        }

        return sessions;
    }
}
