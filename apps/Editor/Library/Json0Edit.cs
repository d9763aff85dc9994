using System.Text.Json;
using System.Text.Json.Nodes;
using Starling.Documents.Hosting;

namespace Starling.Apps.Editor.Library;

/// <summary>Operations of json0 on a field of a document.</summary>
internal static class Json0Edit
{
    /// <summary>Replaces fields: (name, old value, new value) each.</summary>
    public static DocumentChange Replace(params ReadOnlySpan<(string Field, JsonNode Old, JsonNode New)> fields)
    {
        var components = new JsonArray();
        foreach (var (field, old, value) in fields)
        {
            components.Add((JsonNode)new JsonObject { ["p"] = new JsonArray(field), ["od"] = old, ["oi"] = value });
        }

        return DocumentChange.Edit(JsonSerializer.SerializeToUtf8Bytes(components, EditorJson.Default.JsonArray));
    }

    /// <summary>Replaces one field.</summary>
    public static DocumentChange Replace(string field, JsonNode old, JsonNode value) => Replace((field, old, value));
}
