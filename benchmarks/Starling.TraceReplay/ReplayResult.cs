using System.Text.Json.Serialization;

namespace Starling.TraceReplay;

/// <summary>What one replay took, in seconds. Also what the peer prints.</summary>
/// <param name="Operations">How many operations were applied, or transformations made.</param>
/// <param name="Apply">Applying each tenth of the operations; null for a concurrent trace.</param>
/// <param name="Compose">Composing all, so many at a time as is said on the command line.</param>
/// <param name="Transform">Carrying concurrent operations over each other; null for a sequential trace.</param>
internal sealed record ReplayResult(long Operations, double[]? Apply = null, double? Compose = null, double? Transform = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReplayResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
