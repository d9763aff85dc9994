using System.Buffers;
using System.Text.Json;

namespace Starling.Apps.Editor.History;

/// <summary>Marks what a delta inserts with its author.</summary>
internal static class AuthoredDelta
{
    /// <summary>Adds the attribute <c>author</c> to every insert.</summary>
    /// <param name="delta">UTF-8 JSON: a list of components, or an object that has them as <c>ops</c>; empty for none.</param>
    /// <param name="author">Whom to name, or null for nobody.</param>
    /// <returns>The list as UTF-8 JSON. Texts are copied as they stand, since not all that JavaScript puts into a string is Unicode.</returns>
    public static ReadOnlySpan<byte> Mark(ReadOnlyMemory<byte> delta, string? author)
    {
        if (delta.IsEmpty)
        {
            return [];
        }

        using var document = JsonDocument.Parse(delta);
        var root = document.RootElement;
        var components = root.ValueKind == JsonValueKind.Object ? root.GetProperty("ops"u8) : root;
        var output = new ArrayBufferWriter<byte>(delta.Length + 64);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartArray();
            foreach (var component in components.EnumerateArray())
            {
                Write(writer, component, author);
            }

            writer.WriteEndArray();
        }

        return output.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement component, string? author)
    {
        writer.WriteStartObject();
        foreach (var property in component.EnumerateObject().Where(property => !property.NameEquals("attributes"u8)))
        {
            writer.WritePropertyName(property.Name);
            WriteRaw(writer, property.Value);
        }

        writer.WriteStartObject("attributes"u8);
        if (component.TryGetProperty("attributes"u8, out var attributes) && attributes.ValueKind == JsonValueKind.Object)
        {
            // An author that a client has put there would be a claim about somebody else.
            foreach (var attribute in attributes.EnumerateObject().Where(attribute => !attribute.NameEquals("author"u8)))
            {
                writer.WritePropertyName(attribute.Name);
                WriteRaw(writer, attribute.Value);
            }
        }

        if (author is not null && component.TryGetProperty("insert"u8, out _))
        {
            writer.WriteString("author"u8, author);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteRaw(Utf8JsonWriter writer, JsonElement element) =>
        writer.WriteRawValue(element.GetRawText(), skipInputValidation: true);
}
