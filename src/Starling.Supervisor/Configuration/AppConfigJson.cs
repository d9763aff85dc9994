using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Starling.Supervisor.Configuration;

/// <summary>Configurations as JSON, for the saved state and the control socket.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AppConfig))]
[JsonSerializable(typeof(List<AppConfig>))]
[JsonSerializable(typeof(IReadOnlyList<AppConfig>))]
public sealed partial class AppConfigJson : JsonSerializerContext
{
    /// <summary>
    /// Reads a configuration that another version may have written: members that it does not have get their defaults, members that are not known are left out.
    /// (The serializer alone would leave them empty, since it sets all that is set only at creation.)
    /// </summary>
    /// <exception cref="JsonException">It is not a configuration.</exception>
    public static AppConfig Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var node = JsonNode.Parse(json) as JsonObject ?? throw new JsonException("An object is expected.");
        Complete(node, JsonSerializer.SerializeToNode(new AppConfig { Name = "", Script = "", Cwd = "" }, Default.AppConfig)!.AsObject());
        if (node["liveness"] is JsonObject liveness)
        {
            Complete(liveness, JsonSerializer.SerializeToNode(new LivenessConfig { Url = "" }, Default.LivenessConfig)!.AsObject());
        }

        return node.Deserialize(Default.AppConfig)!;
    }

    private static void Complete(JsonObject node, JsonObject defaults)
    {
        foreach (var (name, value) in defaults)
        {
            if (!node.TryGetPropertyValue(name, out var present))
            {
                node[name] = value?.DeepClone();
            }
            else if (name == "log" && present is JsonObject log && value is JsonObject logDefaults)
            {
                Complete(log, logDefaults);
            }
        }
    }
}
