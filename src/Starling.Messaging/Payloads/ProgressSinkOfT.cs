using System.Text.Json;
using Starling.Messaging.Connections;

namespace Starling.Messaging.Payloads;

/// <inheritdoc/>
internal sealed class ProgressSink<T>(IProgress<T> target, Codec<T> codec) : ProgressSink
{
    public override void Report(JsonElement value, WireConnection connection)
    {
        var reader = new Utf8JsonReader(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value));
        reader.Read();
        target.Report(codec.Read(ref reader, new WireScope(connection, null)));
    }
}
