using System.Text.Json.Serialization;

namespace Starling.Conformance.Server.Documents;

/// <summary>How a client's tests want their server: the settings of ShareDB's backend that the suite uses, as JSON in the address.</summary>
internal sealed record InstanceSettings
{
    [JsonPropertyName("presence")]
    public bool Presence { get; init; }

    [JsonPropertyName("doNotCommitNoOps")]
    public bool RefuseNoOps { get; init; }

    [JsonPropertyName("maxSubmitRetries")]
    public int? MaxSubmitRetries { get; init; }

    [JsonPropertyName("milestoneInterval")]
    public int MilestoneInterval { get; init; }

    [JsonPropertyName("projections")]
    public IReadOnlyList<ProjectionSettings> Projections { get; init; } = [];

    internal sealed record ProjectionSettings(
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("collection")] string Collection,
        [property: JsonPropertyName("fields")] IReadOnlyList<string> Fields);
}
