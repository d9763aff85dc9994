using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Starling.Protocol.Buffers;
using Starling.Protocol.SocketIo;

namespace Starling.Server.Sockets.Payloads;

/// <summary>Serialises the arguments of events by the application's <see cref="JsonSerializerOptions"/>. Thread-safe.</summary>
internal sealed class PayloadSerializer
{
    private readonly JsonSerializerOptions _options;
    private readonly bool _carriesLookalikes;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    [ThreadStatic]
    private static List<int>? _written;

    /// <param name="options">The application's settings.</param>
    /// <param name="maxDepth">How deep payloads may nest.</param>
    /// <param name="carriesLookalikes">Whether clients can tell an object that looks like a placeholder from one.</param>
    public PayloadSerializer(JsonSerializerOptions options, int maxDepth, bool carriesLookalikes = false)
    {
        _carriesLookalikes = carriesLookalikes;
        _options = new JsonSerializerOptions(options) { MaxDepth = maxDepth };
        _options.Converters.Insert(0, new BinaryConverter<byte[]>(static bytes => bytes, static bytes => bytes, AttachmentScope.Copy));
        _options.Converters.Insert(0, new BinaryConverter<ReadOnlyMemory<byte>>(static bytes => bytes, static bytes => bytes, static bytes => bytes));
        _options.Converters.Insert(0, new BinaryConverter<Memory<byte>>(static bytes => bytes, static bytes => bytes, static bytes => AttachmentScope.Copy(bytes)));

        // Behind converters of the application, which know better.
        _options.Converters.Add(new RealNumberConverter<double>());
        _options.Converters.Add(new RealNumberConverter<float>());
        _options.Converters.Add(new RealNumberConverter<Half>());
        foreach (var converter in TreeConverters.For(options))
        {
            _options.Converters.Add(converter);
        }

        _options.TypeInfoResolverChain.Add(DefaultResolver());
        _options.MakeReadOnly();
    }

    /// <summary>Writes an array of <paramref name="name"/>, if any, and the arguments.</summary>
    /// <exception cref="ArgumentException">Clients would take an object among the arguments for bytes.</exception>
    public void Write<TArguments>(PooledBuffer output, string? name, in TArguments arguments, List<ReadOnlyMemory<byte>> attachments)
        where TArguments : struct, IArguments
    {
        var writer = RentWriter(output);

        // A value that emits while it is serialised has a scope of its own, after which the outer one goes on.
        var outer = (AttachmentScope.Writing, AttachmentScope.Written);
        var written = _written ?? [];
        _written = null;
        (AttachmentScope.Writing, AttachmentScope.Written) = (attachments, written);
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

            // What is relayed was checked when it came in.
            if (attachments.Count > 0 && typeof(TArguments) != typeof(RelayedArguments))
            {
                SetApart(output, CollectionsMarshal.AsSpan(written));
            }
        }
        finally
        {
            (AttachmentScope.Writing, AttachmentScope.Written) = outer;
            written.Clear();
            _written = written;
            ReturnWriter(writer);
        }
    }

    // An argument may have come from a client: no client may make the server send what others cannot read.
    private void SetApart(PooledBuffer output, ReadOnlySpan<int> written)
    {
        var lookalikes = Placeholders.FindOthers(output.Written, written);
        if (lookalikes.Count == 0)
        {
            return;
        }

        if (!_carriesLookalikes)
        {
            throw new ArgumentException(
                "An object in which \"_placeholder\" is true cannot be sent beside bytes: clients would take it for bytes, or close the "
                + "connection. Use another key, or PacketParser.MessagePack.");
        }

        Placeholders.Escape(output, lookalikes);
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
