using System.Text.Json;
using System.Text.RegularExpressions;
using Starling.Documents;
using Starling.Documents.Middleware;

namespace Starling.Apps.Editor;

/// <summary>What a page says of the place where its person is. Pages of others rely on it, so that anything else is refused.</summary>
internal static partial class PresenceRules
{
    private const int MaxTextLength = 100;

    /// <exception cref="DocumentException">The presence is not one that a page can show.</exception>
    public static void Check(PresenceContext presence)
    {
        if (!IsPlace(presence.Value))
        {
            throw new DocumentException(
                "ERR_PRESENCE_INVALID", "A presence has index and length (numbers from 0 on), focused (true or false), name, by and a color such as '#1a2b3c'");
        }
    }

    private static bool IsPlace(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var place = document.RootElement;
        return place.ValueKind == JsonValueKind.Null
            || (place.ValueKind == JsonValueKind.Object
                && IsPosition(place, "index") && IsPosition(place, "length")
                && place.TryGetProperty("focused", out var focused) && (focused.ValueKind is JsonValueKind.True or JsonValueKind.False)
                && Text(place, "name") is { Length: > 0 } && Text(place, "by") is { Length: > 0 }
                && Text(place, "color") is { } color && Color().IsMatch(color));
    }

    private static bool IsPosition(JsonElement place, string name) =>
        place.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0;

    private static string? Text(JsonElement place, string name) =>
        place.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= MaxTextLength } text ? text : null;

    [GeneratedRegex("^#[0-9a-f]{6}$", RegexOptions.CultureInvariant)]
    private static partial Regex Color();
}
