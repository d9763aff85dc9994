using System.Text.Json.Serialization;
using Starling.Apps.Watcher.Access;
using Starling.Apps.Watcher.Watching;

namespace Starling.Apps.Watcher;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(WorkerReport))]
[JsonSerializable(typeof(MasterRequest))]
[JsonSerializable(typeof(WatchView))]
[JsonSerializable(typeof(VisitEvent))]
[JsonSerializable(typeof(Activity))]
[JsonSerializable(typeof(int[][]))]
[JsonSerializable(typeof(AccessState))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class WatcherJson : JsonSerializerContext;
