using System.Text.Json;

namespace Starling.Protocol.SocketIo;

/// <summary>
/// Reads the text part of Socket.IO packets: <c>type [attachments "-"] [namespace ","] [ack id] [JSON]</c> (Socket.IO protocol 5,
/// "Packet encoding"), and decides whether their payload is valid. Later code relies on that: a payload that was read is one that every
/// client can read, its placeholders have the form of <see cref="Placeholders"/>, and no text in it has half of a surrogate pair.
/// </summary>
public static class PacketReader
{
    // Number.MAX_SAFE_INTEGER: a greater id could not come back from a JavaScript client unchanged.
    private const long MaxAckId = (1L << 53) - 1;

    private static readonly byte[] MainNamespace = "/"u8.ToArray();

    /// <summary>Reads a packet.</summary>
    /// <param name="text">The data of an Engine.IO text message.</param>
    /// <param name="maxDepth">How deep arrays and objects may nest.</param>
    /// <param name="packet">The packet, when there is no error.</param>
    /// <returns>What is wrong with it, or <see cref="PacketError.None"/>.</returns>
    public static PacketError Read(ReadOnlyMemory<byte> text, int maxDepth, out Packet packet)
    {
        packet = default;
        var span = text.Span;
        if (span.IsEmpty || (uint)(span[0] - '0') > (uint)PacketType.BinaryAck)
        {
            return PacketError.UnknownType;
        }

        var type = (PacketType)(span[0] - '0');
        var position = 1;
        var attachments = 0;
        if (type is PacketType.BinaryEvent or PacketType.BinaryAck && !TryReadAttachmentCount(span, ref position, out attachments))
        {
            return PacketError.IllegalAttachments;
        }

        var name = ReadNamespace(text, ref position);
        var ackId = ReadAckId(span, ref position);
        if (ackId > MaxAckId)
        {
            return PacketError.InvalidPayload;
        }

        var data = text[position..];
        if (CheckPayload(type, data.Span, maxDepth, out var hasEscapes) is var error && error != PacketError.None)
        {
            return error;
        }

        if (hasEscapes)
        {
            LoneSurrogates.Replace(ref data);
        }

        if (attachments > 0 && !Placeholders.TryNormalize(ref data, attachments))
        {
            return PacketError.IllegalAttachments;
        }

        packet = new Packet(type, attachments, name, ackId, data);
        return PacketError.None;
    }

    private static bool TryReadAttachmentCount(ReadOnlySpan<byte> text, ref int position, out int count)
    {
        count = 0;
        var start = position;
        while (position < text.Length && text[position] is >= (byte)'0' and <= (byte)'9' && position - start < 9)
        {
            count = (count * 10) + (text[position++] - '0');
        }

        return position > start && position < text.Length && text[position++] == '-';
    }

    private static ReadOnlyMemory<byte> ReadNamespace(ReadOnlyMemory<byte> text, ref int position)
    {
        var rest = text.Span[position..];
        if (rest.IsEmpty || rest[0] != '/')
        {
            return MainNamespace;
        }

        // The comma may be missing when nothing follows.
        var comma = rest.IndexOf((byte)',');
        var length = comma < 0 ? rest.Length : comma;
        var name = text.Slice(position, length);
        position += comma < 0 ? length : length + 1;
        return name;
    }

    private static long ReadAckId(ReadOnlySpan<byte> text, ref int position)
    {
        var start = position;
        var id = 0L;
        while (position < text.Length && text[position] is >= (byte)'0' and <= (byte)'9')
        {
            id = id > MaxAckId ? id : (id * 10) + (text[position] - '0');
            position++;
        }

        return position == start ? Packet.NoAck : id;
    }

    /// <summary>Checks that a payload is JSON and of the form that the type of its packet asks for.</summary>
    /// <param name="type">Type of the packet.</param>
    /// <param name="json">Its payload, empty when there is none.</param>
    /// <param name="maxDepth">How deep arrays and objects may nest.</param>
    /// <returns>What is wrong with it, or <see cref="PacketError.None"/>.</returns>
    public static PacketError CheckPayload(PacketType type, ReadOnlySpan<byte> json, int maxDepth) =>
        CheckPayload(type, json, maxDepth, out _);

    private static PacketError CheckPayload(PacketType type, ReadOnlySpan<byte> json, int maxDepth, out bool hasEscapes)
    {
        hasEscapes = false;
        if (json.IsEmpty)
        {
            return type is PacketType.Connect or PacketType.Disconnect ? PacketError.None : PacketError.InvalidPayload;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            if (!reader.Read() || !StartsAsItMust(type, ref reader))
            {
                return PacketError.InvalidPayload;
            }

            hasEscapes = reader.ValueIsEscaped;
            while (reader.Read())
            {
                hasEscapes |= reader.ValueIsEscaped;
            }

            return PacketError.None;
        }
        catch (JsonException)
        {
            return PacketError.InvalidPayload;
        }
    }

    private static bool StartsAsItMust(PacketType type, ref Utf8JsonReader reader) => type switch
    {
        PacketType.Connect => reader.TokenType == JsonTokenType.StartObject,
        PacketType.Disconnect => false,
        PacketType.ConnectError => reader.TokenType is JsonTokenType.String or JsonTokenType.StartObject,
        PacketType.Ack or PacketType.BinaryAck => reader.TokenType == JsonTokenType.StartArray,
        _ => reader.TokenType == JsonTokenType.StartArray && reader.Read() && IsEventName(ref reader),
    };

    private static bool IsEventName(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number || (reader.TokenType == JsonTokenType.String && !ReservedEvents.Contains(ref reader));
}
