using System.Text.Json;
using Starling.Messaging.Connections;

namespace Starling.Messaging.Payloads;

/// <summary>Where the progress of one call of ours goes.</summary>
internal abstract class ProgressSink
{
    /// <summary>Hands one report on.</summary>
    /// <exception cref="JsonException">The value does not fit.</exception>
    public abstract void Report(JsonElement value, WireConnection connection);
}
