using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Starling.Messaging.Payloads;

/// <summary>Plain data, by System.Text.Json.</summary>
internal sealed class ValueCodec<T>(PayloadSerializer serializer) : Codec<T>
{
    private readonly JsonTypeInfo<T> _type = serializer.TypeInfo<T>();

    public override bool IsObject => _type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary || typeof(T) == typeof(JsonElement);

    public override void Write(Utf8JsonWriter writer, T value, in WireScope scope) => JsonSerializer.Serialize(writer, value, _type);

    public override T Read(ref Utf8JsonReader reader, in WireScope scope) => JsonSerializer.Deserialize(ref reader, _type)!;

    public override T Convert(object? value, PayloadSerializer sender)
    {
        if (value is T same)
        {
            return same;
        }

        if (value is null)
        {
            return default(T) is null ? default! : throw new JsonException($"Null cannot be passed as {typeof(T).Name}.");
        }

        // The two sides use different types for the same data, as they might over a wire: so does this.
        return JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(value, sender.TypeInfo(value.GetType())), _type)!;
    }
}
