using System.Text.Json;

namespace Starling.Messaging.NodeIpc;

/// <summary>
/// Reads members of messages that may have any form. JavaScript sends halves of surrogate pairs and numbers where text is expected; reading these with
/// <see cref="JsonElement"/> alone throws.
/// </summary>
public static class NodeJson
{
    /// <summary>Gets a member of a message; false when the message is not an object or has no such member.</summary>
    public static bool TryGet(JsonElement message, string name, out JsonElement value)
    {
        value = default;
        try
        {
            return message.ValueKind == JsonValueKind.Object && message.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            // Another name in the object has half of a surrogate pair.
            return false;
        }
    }

    /// <summary>The text of a member; null when there is no such member, or its value is not text that .NET can hold.</summary>
    public static string? Text(JsonElement message, string name)
    {
        try
        {
            return TryGet(message, name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether a value is this text.</summary>
    /// <param name="value">The value, of any form.</param>
    /// <param name="utf8">The text in UTF-8.</param>
    public static bool IsText(JsonElement value, ReadOnlySpan<byte> utf8)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.ValueEquals(utf8);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The number of a member; null when there is no such member, or its value is not a whole number of 64 bits.</summary>
    public static long? Number(JsonElement message, string name) =>
        TryGet(message, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
