using System.Text.Json;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets.Cluster;

/// <summary>Shows a socket's data to other nodes.</summary>
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
}
