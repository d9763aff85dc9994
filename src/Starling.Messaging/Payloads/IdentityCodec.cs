using System.Text.Json;

namespace Starling.Messaging.Payloads;

/// <summary>Who a peer is: <c>{"name":…,"role":…}</c>, or null for a stranger.</summary>
internal sealed class IdentityCodec : Codec<PeerIdentity?>
{
    public static void Write(Utf8JsonWriter writer, PeerIdentity? value)
    {
        if (value is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("name"u8, value.Name);
        writer.WriteString("role"u8, value.Role);
        writer.WriteEndObject();
    }

    public override void Write(Utf8JsonWriter writer, PeerIdentity? value, in WireScope scope) => Write(writer, value);

    public override PeerIdentity? Read(ref Utf8JsonReader reader, in WireScope scope)
    {
        var element = JsonElement.ParseValue(ref reader);
        return element.ValueKind == JsonValueKind.Object
            && element.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            && element.TryGetProperty("role", out var role) && role.ValueKind == JsonValueKind.String
            ? new PeerIdentity(name.GetString()!, role.GetString()!)
            : null;
    }
}
