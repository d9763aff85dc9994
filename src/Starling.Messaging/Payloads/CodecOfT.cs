using System.Text.Json;

namespace Starling.Messaging.Payloads;

/// <inheritdoc/>
/// <typeparam name="T">The type.</typeparam>
internal abstract class Codec<T> : Codec
{
    public abstract void Write(Utf8JsonWriter writer, T value, in WireScope scope);

    public abstract T Read(ref Utf8JsonReader reader, in WireScope scope);

    /// <summary>The same value, for a reader inside the process that must hear of the connection's end.</summary>
    public virtual T Until(T value, CancellationToken ended) => value;

    public override void WriteObject(Utf8JsonWriter writer, object? value, in WireScope scope) => Write(writer, (T)value!, scope);

    public override object? ReadObject(ref Utf8JsonReader reader, in WireScope scope) => Read(ref reader, scope);

    public override void WriteResult(Utf8JsonWriter writer, Task task, in WireScope scope) => Write(writer, ((Task<T>)task).Result, scope);

    public override Task RunIn(SynchronizationContext context, Func<Task> start) =>
        HandlerContexts.RunAsync(context, async () => await (Task<T>)start());

    public override object? ResultOf(Task task) => ((Task<T>)task).Result;

    public override object? ConvertObject(object? value, PayloadSerializer sender) => Convert(value, sender);

    public virtual T Convert(object? value, PayloadSerializer sender)
    {
        if (value is T same)
        {
            return same;
        }

        return value is null && default(T) is null
            ? default!
            : throw new JsonException($"A {value?.GetType().Name ?? "null"} cannot be passed as {typeof(T).Name}.");
    }
}
