using System.Collections.Frozen;
using Starling.Protocol.Buffers;
using Starling.Server.Backplane;
using Starling.Server.Sockets;

namespace Starling.Cluster.Wire;

/// <summary>
/// All kinds of messages between nodes. A new one gets a line here, with a number that none has had; nodes that don't know it drop it with a
/// warning. A kind whose fields change gets a new number.
/// </summary>
internal static class MessageKinds
{
    private static readonly MessageKind[] All =
    [
        MessageKind.Of<DataMessage>(
            1,
            static (buffer, message) => buffer.WriteBytes(message.Data.Span),
            static (topic, ref fields) => new DataMessage(topic, fields.ReadBytes())),
        MessageKind.Of<BroadcastMessage>(
            2,
            static (buffer, message) =>
            {
                buffer.WritePayload(message.Payload);
                buffer.WriteSelection(message.Selection);
                buffer.WriteFlag(message.IsVolatile);
                buffer.WriteText(message.RequestId);
                buffer.WritePosition(message.Position);
            },
            static (topic, ref fields) => new BroadcastMessage(
                topic, ReadPayload(ref fields), ReadSelection(ref fields), fields.ReadFlag(), fields.ReadOptionalText(), RecoveryKinds.ReadPosition(ref fields))),
        MessageKind.Of<BroadcastCountMessage>(
            3,
            static (buffer, message) =>
            {
                buffer.WriteText(message.RequestId);
                buffer.WriteNumber(message.Count);
            },
            static (topic, ref fields) => new BroadcastCountMessage(topic, fields.ReadText(), (int)fields.ReadNumber())),
        MessageKind.Of<BroadcastAckMessage>(
            4,
            static (buffer, message) =>
            {
                buffer.WriteText(message.RequestId);
                buffer.WritePayload(message.Payload);
            },
            static (topic, ref fields) => new BroadcastAckMessage(topic, fields.ReadText(), ReadPayload(ref fields))),
        MessageKind.Of<SocketsJoinMessage>(
            5,
            static (buffer, message) =>
            {
                buffer.WriteSelection(message.Selection);
                buffer.WriteTexts(message.Rooms);
            },
            static (topic, ref fields) => new SocketsJoinMessage(topic, ReadSelection(ref fields), fields.ReadTexts())),
        MessageKind.Of<SocketsLeaveMessage>(
            6,
            static (buffer, message) =>
            {
                buffer.WriteSelection(message.Selection);
                buffer.WriteTexts(message.Rooms);
            },
            static (topic, ref fields) => new SocketsLeaveMessage(topic, ReadSelection(ref fields), fields.ReadTexts())),
        MessageKind.Of<DisconnectSocketsMessage>(
            7,
            static (buffer, message) =>
            {
                buffer.WriteSelection(message.Selection);
                buffer.WriteFlag(message.Close);
            },
            static (topic, ref fields) => new DisconnectSocketsMessage(topic, ReadSelection(ref fields), fields.ReadFlag())),
        MessageKind.Of<FetchSocketsMessage>(
            8,
            static (buffer, message) =>
            {
                buffer.WriteText(message.RequestId);
                buffer.WriteSelection(message.Selection);
            },
            static (topic, ref fields) => new FetchSocketsMessage(topic, fields.ReadText(), ReadSelection(ref fields))),
        MessageKind.Of<SocketsMessage>(
            9,
            static (buffer, message) =>
            {
                buffer.WriteText(message.RequestId);
                buffer.WriteNumber(message.Sockets.Count);
                foreach (var socket in message.Sockets)
                {
                    buffer.WriteSocket(socket);
                }
            },
            static (topic, ref fields) => new SocketsMessage(topic, fields.ReadText(), ReadSockets(ref fields))),
        MessageKind.Of<ServerSideEmitMessage>(
            10,
            static (buffer, message) =>
            {
                buffer.WritePayload(message.Payload);
                buffer.WriteText(message.RequestId);
            },
            static (topic, ref fields) => new ServerSideEmitMessage(topic, ReadPayload(ref fields), fields.ReadOptionalText())),
        MessageKind.Of<ServerSideAckMessage>(
            11,
            static (buffer, message) =>
            {
                buffer.WriteText(message.RequestId);
                buffer.WritePayload(message.Payload);
            },
            static (topic, ref fields) => new ServerSideAckMessage(topic, fields.ReadText(), ReadPayload(ref fields))),
        .. RecoveryKinds.All,
    ];

    private static readonly FrozenDictionary<Type, MessageKind> ByType = All.ToFrozenDictionary(static kind => kind.Type);
    private static readonly FrozenDictionary<byte, MessageKind> ByNumber = All.ToFrozenDictionary(static kind => kind.Number);

    /// <exception cref="NotSupportedException">There is no line for it.</exception>
    public static MessageKind Of(BackplaneMessage message) => ByType.GetValueOrDefault(message.GetType()) ?? throw new NotSupportedException(
        $"Messages of the kind {message.GetType().Name} cannot be sent between the processes of a local cluster: it is not in Starling.Cluster's {nameof(MessageKinds)}.");

    public static MessageKind? Find(byte number) => ByNumber.GetValueOrDefault(number);

    public static void WritePayload(this PooledBuffer buffer, SocketPayload payload)
    {
        buffer.WriteBytes(payload.Json.Span);
        buffer.WriteNumber(payload.Attachments.Count);
        for (var i = 0; i < payload.Attachments.Count; i++)
        {
            buffer.WriteBytes(payload.Attachments[i].Span);
        }
    }

    public static SocketPayload ReadPayload(ref FieldReader fields)
    {
        var json = fields.ReadBytes();
        var count = fields.ReadCount();
        if (count == 0)
        {
            return new SocketPayload(json, []);
        }

        var attachments = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < attachments.Length; i++)
        {
            attachments[i] = fields.ReadBytes();
        }

        return new SocketPayload(json, attachments);
    }

    public static void WriteSelection(this PooledBuffer buffer, SocketSelection selection)
    {
        buffer.WriteTexts(selection.Rooms);
        buffer.WriteTexts(selection.Except);
    }

    public static SocketSelection ReadSelection(ref FieldReader fields) => new(fields.ReadTexts(), fields.ReadTexts());

    private static void WriteSocket(this PooledBuffer buffer, RemoteSocket socket)
    {
        buffer.WriteText(socket.Id);
        buffer.WriteTexts(socket.Rooms);
        buffer.WriteText(socket.Address);
        buffer.WriteJson(socket.Auth);
        buffer.WriteJson(socket.Data);
    }

    private static RemoteSocket[] ReadSockets(ref FieldReader fields)
    {
        var sockets = new RemoteSocket[fields.ReadCount()];
        for (var i = 0; i < sockets.Length; i++)
        {
            sockets[i] = new RemoteSocket(fields.ReadText(), fields.ReadTexts(), fields.ReadOptionalText(), fields.ReadJson(), fields.ReadJson());
        }

        return sockets;
    }
}
