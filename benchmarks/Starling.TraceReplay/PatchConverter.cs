using System.Text.Json;
using System.Text.Json.Serialization;

namespace Starling.TraceReplay;

/// <summary>Reads a change from its list.</summary>
internal sealed class PatchConverter : JsonConverter<Patch>
{
    public override Patch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        reader.Read();
        var position = reader.GetInt32();
        reader.Read();
        var deleted = reader.GetInt32();
        reader.Read();
        var patch = new Patch(position, deleted, reader.GetString()!);
        reader.Read();
        return patch;
    }

    public override void Write(Utf8JsonWriter writer, Patch value, JsonSerializerOptions options) => throw new NotSupportedException();
}
