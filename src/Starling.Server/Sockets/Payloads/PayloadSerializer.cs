using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Starling.Protocol.Buffers;

namespace Starling.Server.Sockets.Payloads;

/// <summary>Serialises the arguments of events by the application's <see cref="JsonSerializerOptions"/>. Thread-safe.</summary>
internal sealed class PayloadSerializer
{
    private readonly JsonSerializerOptions _options;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public PayloadSerializer(JsonSerializerOptions options, int maxDepth)
    {
        _options = new JsonSerializerOptions(options) { MaxDepth = maxDepth };
        _options.Converters.Insert(0, new BinaryConverter<byte[]>(static bytes => bytes, static bytes => bytes, AttachmentScope.Copy));
        _options.Converters.Insert(0, new BinaryConverter<ReadOnlyMemory<byte>>(static bytes => bytes, static bytes => bytes, static bytes => bytes));
        _options.Converters.Insert(0, new BinaryConverter<Memory<byte>>(static bytes => bytes, static bytes => bytes, static bytes => AttachmentScope.Copy(bytes)));
        _options.TypeInfoResolverChain.Add(DefaultResolver());
        _options.MakeReadOnly();
    }

    /// <summary>Writes an array of <paramref name="name"/>, if any, and the arguments.</summary>
    public void Write<TArguments>(PooledBuffer output, string? name, in TArguments arguments, List<ReadOnlyMemory<byte>> attachments)
        where TArguments : struct, IArguments
    {
        var writer = RentWriter(output);

        // A value that emits while it is serialised has a scope of its own, after which the outer one goes on.
        var outer = AttachmentScope.Writing;
        AttachmentScope.Writing = attachments;
        try
        {
            writer.WriteStartArray();
            if (name is not null)
            {
                writer.WriteStringValue(name);
            }

            arguments.Write(writer, this, attachments);
            writer.WriteEndArray();
            writer.Flush();
        }
        finally
        {
            AttachmentScope.Writing = outer;
            ReturnWriter(writer);
        }
    }

    public void WriteValue<T>(Utf8JsonWriter writer, T value) => JsonSerializer.Serialize(writer, value, TypeInfo<T>());

    public T? ReadValue<T>(ref Utf8JsonReader reader, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        var (outer, copied) = (AttachmentScope.Reading, AttachmentScope.Copied);
        AttachmentScope.Reading = attachments;
        AttachmentScope.Copied = 0;
        try
        {
            return JsonSerializer.Deserialize(ref reader, TypeInfo<T>());
        }
        finally
        {
            (AttachmentScope.Reading, AttachmentScope.Copied) = (outer, copied);
        }
    }

    /// <summary>Serialises one value that stands by itself, without attachments.</summary>
    public byte[] ToJson<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, TypeInfo<T>());

    private JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T));

    private static Utf8JsonWriter RentWriter(PooledBuffer output)
    {
        // Serialising a value may emit in turn (a getter that sends), so that the writer is taken out while it is in use.
        var writer = _writer;
        _writer = null;
        if (writer is null)
        {
            return new Utf8JsonWriter(output, new JsonWriterOptions
            {
                Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                SkipValidation = true,
                MaxDepth = 1000,
            });
        }

        writer.Reset(output);
        return writer;
    }

    private static void ReturnWriter(Utf8JsonWriter writer)
    {
        writer.Reset(Stream.Null);
        _writer = writer;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where reflection is on; else the application brings a context.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where reflection is on; else the application brings a context.")]
    private static IJsonTypeInfoResolver DefaultResolver() =>
        JsonSerializer.IsReflectionEnabledByDefault
            ? new DefaultJsonTypeInfoResolver()
            : PrimitivePayloads.Default;
}

/// <summary>What can be sent without reflection and without a context of the application.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(byte[]))]
[JsonSerializable(typeof(ReadOnlyMemory<byte>))]
internal sealed partial class PrimitivePayloads : JsonSerializerContext;
