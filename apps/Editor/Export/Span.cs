using System.Text.Json;

namespace Starling.Apps.Editor.Export;

/// <summary>A part of a line that looks alike: text, or something embedded.</summary>
/// <param name="Text">The text; null for an embed.</param>
/// <param name="EmbedKind">What is embedded: image, video, formula; null for text.</param>
/// <param name="EmbedValue">Where the embed is, or what it says.</param>
/// <param name="Formats">How it looks.</param>
internal sealed record Span(string? Text, string? EmbedKind, string EmbedValue, Formats Formats)
{
    public static Span Of(string text, Formats formats) => new(text, null, "", formats);

    public static Span Embed(JsonElement embed, Formats formats)
    {
        if (embed.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in embed.EnumerateObject())
            {
                return new Span(null, property.Name, property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : "", formats);
            }
        }

        return new Span(null, "unknown", "", formats);
    }
}
