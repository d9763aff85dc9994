using System.Buffers;
using System.Text.Json;

namespace Starling.Apps.Editor.History;

/// <summary>A text at a version.</summary>
/// <param name="Version">The version.</param>
/// <param name="At">When the operation that led to it was made, in milliseconds since 1970.</param>
/// <param name="By">The public id of the one who made it, or null.</param>
/// <param name="Contents">UTF-8 JSON: a delta whose inserts have the attribute <c>author</c>.</param>
internal sealed record AttributedText(long Version, long At, string? By, ReadOnlyMemory<byte> Contents)
{
    public void WriteTo(IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteNumber("version"u8, Version);
        writer.WriteNumber("at"u8, At);
        writer.WriteString("by"u8, By);
        writer.WritePropertyName("contents"u8);
        writer.WriteRawValue(Contents.Span, skipInputValidation: true);
        writer.WriteEndObject();
    }
}
