using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Starling.Protocol.SocketIo;

namespace Starling.Protocol.MessagePack;

/// <summary>
/// Turns MessagePack into JSON with attachments: bytes become placeholders as in Socket.IO's text form, a timestamp the text that
/// JavaScript's <c>JSON.stringify</c> makes of a Date.
/// </summary>
public static class MessagePackToJson
{
    private const sbyte TimestampExtension = -1;

    // notepack 2, which socket.io-msgpack-parser 3 uses: undefined is fixext 1, a Date fixext 8 (milliseconds), an ArrayBuffer ext 8, 16 or 32.
    private const sbyte NotepackExtension = 0;

    /// <summary>Transcodes one value.</summary>
    /// <param name="reader">Stands before the value; afterwards behind it.</param>
    /// <param name="json">Takes the JSON.</param>
    /// <param name="attachments">Takes copies of the bytes that the value holds.</param>
    /// <param name="maxDepth">How deep arrays and maps may nest.</param>
    /// <exception cref="MessagePackException">The bytes cannot be transcoded.</exception>
    public static void Transcode(ref MessagePackReader reader, Utf8JsonWriter json, List<ReadOnlyMemory<byte>> attachments, int maxDepth)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(attachments);
        Write(ref reader, reader.Read(), json, attachments, maxDepth);
    }

    private static void Write(
        ref MessagePackReader reader, MessagePackValue value, Utf8JsonWriter json, List<ReadOnlyMemory<byte>> attachments, int depth)
    {
        if (depth < 0)
        {
            throw new MessagePackException("Arrays and maps nest too deep.");
        }

        switch (value.Type)
        {
            case MessagePackType.Nil:
                json.WriteNullValue();
                break;
            case MessagePackType.Boolean:
                json.WriteBooleanValue(value.Boolean);
                break;
            case MessagePackType.Integer:
                json.WriteNumberValue(value.Integer);
                break;
            case MessagePackType.Unsigned:
                json.WriteNumberValue(value.Unsigned);
                break;
            case MessagePackType.Float when double.IsFinite(value.Real):
                json.WriteNumberValue(value.Real);
                break;
            case MessagePackType.Float:
                json.WriteNullValue();
                break;
            case MessagePackType.String:
                json.WriteStringValue(Text(value));
                break;
            case MessagePackType.Binary:
            case MessagePackType.Extension when value is { ExtensionType: NotepackExtension, IsFixedExtension: false }:
                WritePlaceholder(value, json, attachments);
                break;
            case MessagePackType.Extension when IsUndefined(value):
                json.WriteNullValue();
                break;
            case MessagePackType.Array:
                json.WriteStartArray();
                for (var i = value.Count; i > 0; i--)
                {
                    Write(ref reader, reader.Read(), json, attachments, depth - 1);
                }

                json.WriteEndArray();
                break;
            case MessagePackType.Map:
                json.WriteStartObject();
                for (var i = value.Count; i > 0; i--)
                {
                    var key = reader.Read();
                    var item = reader.Read();
                    if (!IsUndefined(item))
                    {
                        WriteKey(key, json, isTrue: item is { Type: MessagePackType.Boolean, Boolean: true });
                        Write(ref reader, item, json, attachments, depth - 1);
                    }
                }

                json.WriteEndObject();
                break;
            default:
                WriteTimestamp(value, json);
                break;
        }
    }

    // As in JavaScript's JSON, undefined is null in an array and leaves no trace in an object.
    private static bool IsUndefined(MessagePackValue value) =>
        value is { Type: MessagePackType.Extension, ExtensionType: NotepackExtension, IsFixedExtension: true, Bytes.Length: 1 };

    private static void WritePlaceholder(MessagePackValue value, Utf8JsonWriter json, List<ReadOnlyMemory<byte>> attachments)
    {
        Placeholders.Write(json, attachments.Count);
        attachments.Add(value.Bytes.ToArray());
    }

    private static void WriteKey(MessagePackValue key, Utf8JsonWriter json, bool isTrue)
    {
        switch (key.Type)
        {
            case MessagePackType.String when isTrue && key.Bytes.SequenceEqual("_placeholder"u8):
                json.WritePropertyName(Placeholders.LookalikeName);
                break;
            case MessagePackType.String:
                json.WritePropertyName(Text(key));
                break;
            case MessagePackType.Integer:
                json.WritePropertyName(key.Integer.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                throw new MessagePackException($"A map has a key of type {key.Type}, which no JSON object can have.");
        }
    }

    // MessagePack specification, "Timestamp extension type"; notepack writes dates so.
    private static void WriteTimestamp(MessagePackValue value, Utf8JsonWriter json)
    {
        if (value is { ExtensionType: NotepackExtension, IsFixedExtension: true, Bytes.Length: 8 })
        {
            var milliseconds = BinaryPrimitives.ReadInt64BigEndian(value.Bytes);
            if (milliseconds is < -62_135_596_800_000 or > 253_402_300_799_999)
            {
                throw new MessagePackException("A timestamp lies outside the years 1 to 9999.");
            }

            WriteTime(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), json);
            return;
        }

        if (value.ExtensionType != TimestampExtension)
        {
            throw new MessagePackException($"Extension type {value.ExtensionType} is not supported.");
        }

        long seconds;
        uint nanoseconds;
        switch (value.Bytes.Length)
        {
            case 4:
                (seconds, nanoseconds) = (BinaryPrimitives.ReadUInt32BigEndian(value.Bytes), 0);
                break;
            case 8:
                var both = BinaryPrimitives.ReadUInt64BigEndian(value.Bytes);
                (seconds, nanoseconds) = ((long)(both & 0x3_FFFF_FFFF), (uint)(both >> 34));
                break;
            case 12:
                (nanoseconds, seconds) =
                    (BinaryPrimitives.ReadUInt32BigEndian(value.Bytes), BinaryPrimitives.ReadInt64BigEndian(value.Bytes[4..]));
                break;
            default:
                throw new MessagePackException($"A timestamp of {value.Bytes.Length} bytes does not exist.");
        }

        const long MaxSeconds = 253_402_300_799;
        if (seconds is < -62_135_596_800 or > MaxSeconds || nanoseconds > 999_999_999)
        {
            throw new MessagePackException("A timestamp lies outside the years 1 to 9999.");
        }

        WriteTime(DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100), json);
    }

    private static void WriteTime(DateTimeOffset time, Utf8JsonWriter json) =>
        json.WriteStringValue(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private static ReadOnlySpan<byte> Text(MessagePackValue value) =>
        Utf8.IsValid(value.Bytes) ? value.Bytes : throw new MessagePackException("Text is not UTF-8.");
}
