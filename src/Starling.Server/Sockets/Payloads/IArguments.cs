using System.Text.Json;

namespace Starling.Server.Sockets.Payloads;

/// <summary>The arguments of an event or acknowledgement that is about to be sent; structs, so that sending allocates nothing for them.</summary>
internal interface IArguments
{
    void Write(Utf8JsonWriter writer, PayloadSerializer serializer, List<ReadOnlyMemory<byte>> attachments);
}

/// <summary>No arguments.</summary>
internal readonly record struct Arguments : IArguments
{
    public void Write(Utf8JsonWriter writer, PayloadSerializer serializer, List<ReadOnlyMemory<byte>> attachments)
    {
    }
}

/// <summary>One argument.</summary>
internal readonly record struct Arguments<T>(T Value) : IArguments
{
    public void Write(Utf8JsonWriter writer, PayloadSerializer serializer, List<ReadOnlyMemory<byte>> attachments) =>
        serializer.WriteValue(writer, Value);
}

/// <summary>Two arguments.</summary>
internal readonly record struct Arguments<T1, T2>(T1 First, T2 Second) : IArguments
{
    public void Write(Utf8JsonWriter writer, PayloadSerializer serializer, List<ReadOnlyMemory<byte>> attachments)
    {
        serializer.WriteValue(writer, First);
        serializer.WriteValue(writer, Second);
    }
}

/// <summary>Three arguments.</summary>
internal readonly record struct Arguments<T1, T2, T3>(T1 First, T2 Second, T3 Third) : IArguments
{
    public void Write(Utf8JsonWriter writer, PayloadSerializer serializer, List<ReadOnlyMemory<byte>> attachments)
    {
        serializer.WriteValue(writer, First);
        serializer.WriteValue(writer, Second);
        serializer.WriteValue(writer, Third);
    }
}

/// <summary>Arguments that arrived in another packet and are passed on as they are.</summary>
internal readonly record struct RelayedArguments(EventArguments Source) : IArguments
{
    public void Write(Utf8JsonWriter writer, PayloadSerializer serializer, List<ReadOnlyMemory<byte>> attachments)
    {
        // Placeholders keep their numbers: a relayed packet has no other attachments than these.
        if (Source.Elements.Length > 0)
        {
            writer.WriteRawValue(Source.Elements.Span, skipInputValidation: true);
            attachments.AddRange(Source.Attachments);
        }
    }
}
