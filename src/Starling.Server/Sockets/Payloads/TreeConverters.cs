using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Starling.Server.Sockets.Payloads;

/// <summary>The converters for values whose form the application does not name.</summary>
internal static class TreeConverters
{
    public static IEnumerable<JsonConverter> For(JsonSerializerOptions options)
    {
        yield return new TreeConverter<JsonElement>(
            static (ref reader, _) => JsonElement.ParseValue(ref reader), static (element, _) => element,
            static (writer, value, _) => value.WriteTo(writer));
        yield return new TreeConverter<JsonNode?>(
            static (ref reader, options) => JsonNode.Parse(ref reader, Settings(options)), ToNode, Write);
        yield return new TreeConverter<JsonObject?>(
            static (ref reader, options) => Cast<JsonObject>(JsonNode.Parse(ref reader, Settings(options))),
            static (element, options) => Cast<JsonObject>(ToNode(element, options)), Write);
        yield return new TreeConverter<JsonArray?>(
            static (ref reader, options) => Cast<JsonArray>(JsonNode.Parse(ref reader, Settings(options))),
            static (element, options) => Cast<JsonArray>(ToNode(element, options)), Write);
        if (options.UnknownTypeHandling == JsonUnknownTypeHandling.JsonElement)
        {
            yield return new TreeConverter<object?>(
                static (ref reader, _) => reader.TokenType == JsonTokenType.Null ? null : JsonElement.ParseValue(ref reader),
                static (element, _) => element.ValueKind == JsonValueKind.Null ? null : element, WriteObject);
        }
    }

    private static JsonNodeOptions Settings(JsonSerializerOptions options) =>
        new() { PropertyNameCaseInsensitive = options.PropertyNameCaseInsensitive };

    private static JsonNode? ToNode(JsonElement element, JsonSerializerOptions options) => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element, Settings(options)),
        JsonValueKind.Array => JsonArray.Create(element, Settings(options)),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element, Settings(options)),
    };

    private static T? Cast<T>(JsonNode? node)
        where T : JsonNode =>
        node is null or T ? (T?)node : throw new JsonException($"{typeof(T).Name} was expected, but there is {node.GetValueKind()}.");

    private static void Write(Utf8JsonWriter writer, JsonNode? value, JsonSerializerOptions options)
    {
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer, options);
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, object? value, JsonSerializerOptions options)
    {
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else if (value.GetType() == typeof(object))
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        }
        else
        {
            JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));
        }
    }
}
