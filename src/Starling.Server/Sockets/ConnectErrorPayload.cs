using System.Buffers;
using System.Text.Json;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets;

/// <summary>What a client that may not join is told (Socket.IO protocol 5, "Connection to a namespace").</summary>
internal static class ConnectErrorPayload
{
    public static byte[] Create(string text, object? details, PayloadSerializer serializer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("message"u8, text);
            if (details is not null)
            {
                writer.WritePropertyName("data"u8);
                serializer.WriteValue(writer, details);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
