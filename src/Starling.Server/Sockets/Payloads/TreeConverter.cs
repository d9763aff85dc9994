using System.Text.Json;
using System.Text.Json.Serialization;
using Starling.Protocol.Buffers;
using Starling.Protocol.SocketIo;

namespace Starling.Server.Sockets.Payloads;

/// <summary>
/// Reads values whose form the application does not name, such as <see cref="JsonElement"/>. Bytes are base64 text in them
/// (<see cref="JsonElement.GetBytesFromBase64"/>): a placeholder says nothing without its attachment.
/// </summary>
/// <typeparam name="T">The type that the application reads.</typeparam>
/// <param name="parse">Reads a value without bytes.</param>
/// <param name="fromElement">Makes a value that has bytes.</param>
/// <param name="write">Writes a value.</param>
internal sealed class TreeConverter<T>(
    TreeConverter<T>.Parser parse, Func<JsonElement, JsonSerializerOptions, T> fromElement, Action<Utf8JsonWriter, T, JsonSerializerOptions> write) : JsonConverter<T>
{
    /// <summary>Reads a value.</summary>
    internal delegate T Parser(ref Utf8JsonReader reader, JsonSerializerOptions options);

    public override bool HandleNull => true;

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        AttachmentScope.Reading is not { Count: > 0 } attachments
            ? parse(ref reader, options)
            : fromElement(ReadWithBytes(ref reader, attachments), options);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => write(writer, value, options);

    private static JsonElement ReadWithBytes(ref Utf8JsonReader reader, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        using var buffer = new PooledBuffer();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, MaxDepth = reader.CurrentDepth + 1000 }))
        {
            var depth = reader.CurrentDepth;
            Copy(ref reader, attachments, json);
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                while (reader.Read())
                {
                    Copy(ref reader, attachments, json);
                    if (reader.CurrentDepth == depth)
                    {
                        break;
                    }
                }
            }
        }

        var copy = new Utf8JsonReader(buffer.Written, new JsonReaderOptions { MaxDepth = int.MaxValue });
        return JsonElement.ParseValue(ref copy);
    }

    private static void Copy(ref Utf8JsonReader reader, IReadOnlyList<ReadOnlyMemory<byte>> attachments, Utf8JsonWriter json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject when Placeholders.TryRead(ref reader, attachments.Count, out var number):
                AttachmentScope.Account(attachments[number]);
                json.WriteBase64StringValue(attachments[number].Span);
                break;
            case JsonTokenType.StartObject:
                json.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                json.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                json.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                json.WriteEndArray();
                break;
            case JsonTokenType.PropertyName:
                json.WritePropertyName(reader.GetString()!);
                break;
            case JsonTokenType.String:
                json.WriteStringValue(reader.GetString());
                break;
            default:
                json.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }
}
