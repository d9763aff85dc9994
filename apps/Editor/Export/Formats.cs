using System.Globalization;
using System.Text.Json;

namespace Starling.Apps.Editor.Export;

/// <summary>The attributes of a span or line. Immutable.</summary>
internal sealed class Formats
{
    private readonly Dictionary<string, string> _values;

    private Formats(Dictionary<string, string> values)
    {
        _values = values;
    }

    public static Formats None { get; } = new([]);

    /// <summary>Those of a component of a delta. What is neither text, number nor true is no formatting that anyone knows.</summary>
    public static Formats Of(JsonElement component)
    {
        if (!component.TryGetProperty("attributes"u8, out var attributes) || attributes.ValueKind != JsonValueKind.Object)
        {
            return None;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var attribute in attributes.EnumerateObject())
        {
            var value = attribute.Value;
            if (value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True)
            {
                values[attribute.Name] = value.ToString();
            }
        }

        return new Formats(values);
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public int Number(string name) =>
        int.TryParse(Text(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The address of a link or an embed, if it is one that is safe to follow; otherwise null.</summary>
    public static string? SafeAddress(string? address, bool isImage = false)
    {
        if (string.IsNullOrWhiteSpace(address) || address.Any(char.IsControl))
        {
            return null;
        }

        if (!Uri.TryCreate(address.Trim(), UriKind.Absolute, out var uri))
        {
            return address.Contains(':', StringComparison.Ordinal) ? null : address.Trim();
        }

        var isSafe = uri.Scheme is "http" or "https"
            || (isImage ? address.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) : uri.Scheme is "mailto" or "tel");
        return isSafe ? address.Trim() : null;
    }
}
