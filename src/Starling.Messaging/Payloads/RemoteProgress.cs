using System.Text.Json;
using Starling.Messaging.Connections;

namespace Starling.Messaging.Payloads;

/// <summary>Sends reports to the peer that asked for them. Reports never fail: when the peer is gone they go nowhere.</summary>
internal sealed class RemoteProgress<T>(WireConnection connection, JsonElement token, Codec<T> codec) : IProgress<T>
{
    public void Report(T value) => connection.SendNotification("$/progress", writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("token"u8);
        token.WriteTo(writer);
        writer.WritePropertyName("value"u8);
        codec.Write(writer, value, new WireScope(connection, null));
        writer.WriteEndObject();
    });
}
