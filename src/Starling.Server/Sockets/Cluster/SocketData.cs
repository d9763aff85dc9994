using System.Text.Json;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets.Cluster;

/// <summary>Shows a socket's data to other nodes, and gives it back to a socket that was recovered on another one.</summary>
internal static class SocketData
{
    public static JsonElement ToJson(IDictionary<string, object?> data, PayloadSerializer serializer)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in data)
            {
                writer.WritePropertyName(name);
                serializer.WriteValue(writer, value);
            }

            writer.WriteEndObject();
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>Writes a JSON object, without the values that have no JSON form; <paramref name="failed"/> is told of those.</summary>
    public static byte[] ToUtf8(IDictionary<string, object?> data, PayloadSerializer serializer, Action<string, Exception> failed)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in data.ToArray())
            {
                if (TrySerialize(value, serializer, out var json, out var exception))
                {
                    writer.WritePropertyName(name);
                    writer.WriteRawValue(json);
                }
                else
                {
                    failed(name, exception!);
                }
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Strings, booleans and null come back as themselves, everything else as <see cref="JsonElement"/>.</summary>
    public static Dictionary<string, object?> FromUtf8(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var data = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var member in JsonElement.ParseValue(ref reader).EnumerateObject())
        {
            data[member.Name] = member.Value.ValueKind switch
            {
                JsonValueKind.String => member.Value.GetString(),
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Null => null,
                _ => member.Value,
            };
        }

        return data;
    }

    private static bool TrySerialize(object? value, PayloadSerializer serializer, out byte[] json, out Exception? exception)
    {
        try
        {
            (json, exception) = (serializer.ToJson(value), null);
            return true;
        }
        catch (Exception failure) when (failure is NotSupportedException or JsonException or InvalidOperationException)
        {
            (json, exception) = ([], failure);
            return false;
        }
    }
}
