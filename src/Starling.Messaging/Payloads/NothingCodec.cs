using System.Text.Json;

namespace Starling.Messaging.Payloads;

/// <summary>No result. What a peer sends nevertheless is passed over.</summary>
internal sealed class NothingCodec : Codec<Nothing>
{
    public override void Write(Utf8JsonWriter writer, Nothing value, in WireScope scope) => writer.WriteNullValue();

    public override Nothing Read(ref Utf8JsonReader reader, in WireScope scope)
    {
        reader.Skip();
        return default;
    }

    public override void WriteResult(Utf8JsonWriter writer, Task task, in WireScope scope) => writer.WriteNullValue();

    public override Task RunIn(SynchronizationContext context, Func<Task> start) => HandlerContexts.RunAsync(context, async () =>
    {
        await start();
        return default(Nothing);
    });

    public override object? ResultOf(Task task) => null;

    public override Nothing Convert(object? value, PayloadSerializer sender) => default;
}
