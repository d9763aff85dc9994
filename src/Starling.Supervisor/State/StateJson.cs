using System.Text.Json.Serialization;

namespace Starling.Supervisor.State;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(SupervisorState))]
internal sealed partial class StateJson : JsonSerializerContext;
