using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Starling.Messaging.Payloads;

/// <summary>Finds how each type of payload is written and read. Owner: a client or a server, for its life. Thread-safe.</summary>
internal sealed class PayloadSerializer
{
    private readonly ConcurrentDictionary<Type, Codec> _codecs = new();
    private readonly WholeTypes _whole = new();

    public PayloadSerializer(JsonSerializerOptions options)
    {
        Options = options;
        MakeReadOnly(options);
    }

    public JsonSerializerOptions Options { get; }

    public Codec<T> Of<T>() => (Codec<T>)Of(typeof(T));

    public Codec Of(Type type) => _codecs.GetOrAdd(type, static (type, serializer) => serializer.Create(type), this);

    /// <summary>How plain data of a type is written and read.</summary>
    /// <exception cref="ArgumentException">A part of it would not arrive.</exception>
    public JsonTypeInfo TypeInfo(Type type)
    {
        var info = Options.GetTypeInfo(type);
        _whole.Check(info);
        return info;
    }

    /// <inheritdoc cref="TypeInfo(Type)"/>
    public JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)TypeInfo(typeof(T));

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where reflection is on; else the application brings a context.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where reflection is on; else the application brings a context.")]
    private static void MakeReadOnly(JsonSerializerOptions options) =>
        options.MakeReadOnly(populateMissingResolver: JsonSerializer.IsReflectionEnabledByDefault);

    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The codecs ask nothing of their type argument.")]
    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "Only codecs of this folder come here, and all have this constructor.")]
    private static Codec Make(Type definition, Type argument, PayloadSerializer serializer) =>
        (Codec)Activator.CreateInstance(
            // So that a type which the application's context lacks is named, and not only somewhere within.
            definition.MakeGenericType(argument), BindingFlags.Public | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions, binder: null, [serializer], culture: null)!;

    private Codec Create(Type type)
    {
        if (type == typeof(Nothing))
        {
            return new NothingCodec();
        }

        if (typeof(Stream).IsAssignableFrom(type))
        {
            return new StreamCodec();
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
        {
            return Make(typeof(SequenceCodec<>), type.GetGenericArguments()[0], this);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IProgress<>))
        {
            return Make(typeof(ProgressCodec<>), type.GetGenericArguments()[0], this);
        }

        return Make(typeof(ValueCodec<>), type, this);
    }
}
