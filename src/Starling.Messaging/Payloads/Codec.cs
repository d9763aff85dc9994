using System.Text.Json;

namespace Starling.Messaging.Payloads;

/// <summary>Writes and reads one type of argument or result. Thread-safe.</summary>
internal abstract class Codec
{
    /// <summary>Whether its JSON is an object, so that it may stand for all parameters of a method.</summary>
    public virtual bool IsObject => false;

    /// <summary>Whether a value stands for something that its sender keeps open for its reader.</summary>
    public virtual bool MayOpenAtPeer => false;

    public abstract void WriteObject(Utf8JsonWriter writer, object? value, in WireScope scope);

    /// <param name="reader">Stands on the first token of the value, and then on its last.</param>
    /// <param name="scope">What the value belongs to.</param>
    /// <exception cref="JsonException">The JSON does not fit the type.</exception>
    public abstract object? ReadObject(ref Utf8JsonReader reader, in WireScope scope);

    /// <summary>Writes the result of a task that has ended well.</summary>
    public abstract void WriteResult(Utf8JsonWriter writer, Task task, in WireScope scope);

    /// <summary>Begins a handler in another context.</summary>
    public abstract Task RunIn(SynchronizationContext context, Func<Task> start);

    /// <summary>The result of a task that has ended well.</summary>
    public abstract object? ResultOf(Task task);

    /// <summary>Makes a value that another side of the same process sent one of this type.</summary>
    public abstract object? ConvertObject(object? value, PayloadSerializer sender);
}
