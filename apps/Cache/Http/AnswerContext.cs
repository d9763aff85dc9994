using System.Text.Json;
using System.Text.Json.Serialization;
using Starling.Apps.Cache.Routing;

namespace Starling.Apps.Cache.Http;

/// <summary>How answers are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(EntryAnswer))]
[JsonSerializable(typeof(EntryAnswer[]))]
[JsonSerializable(typeof(DeleteAnswer))]
[JsonSerializable(typeof(StopAnswer))]
[JsonSerializable(typeof(CacheStatistics))]
internal sealed partial class AnswerContext : JsonSerializerContext;
