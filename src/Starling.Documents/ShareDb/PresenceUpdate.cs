using System.Buffers;
using Starling.Documents.Json;
using Starling.Documents.Presence;
using Starling.Ot;

namespace Starling.Documents.ShareDb;

/// <summary>Where a client says that it is. Immutable.</summary>
internal sealed record PresenceUpdate(string Channel, string Id)
{
    public required ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The client's own count of its updates, by which receivers know old ones (<c>pv</c>).</summary>
    public long? Counter { get; init; }

    /// <summary>The collection or projection by which the client knows the document; null for a presence that is in none.</summary>
    public string? Name { get; init; }

    public DocumentKey? Key { get; init; }

    /// <summary>The version of the document that the value is for.</summary>
    public long? Version { get; init; }

    public IPresenceType? Type { get; init; }

    /// <summary>About how much memory it takes.</summary>
    public int Bytes => 100 + Value.Length + (2 * (Channel.Length + Id.Length + (Name?.Length ?? 0) + (Key?.Id.Length ?? 0)));

    public static ReadOnlyMemory<byte> WriteError(string channel, string id, DocumentException error)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw("{\"a\":\"p\",\"ch\":"u8);
        output.Text(channel);
        output.Raw(",\"id\":"u8);
        output.Text(id);
        output.Raw(",\"error\":"u8);
        MessageWriter.WriteError(output, error.Code, error.Message);
        output.Raw("}"u8);
        return output.WrittenMemory;
    }

    /// <summary>What the other clients of the channel get.</summary>
    /// <param name="source">The sender as others see it.</param>
    public PresenceMessage ToMessage(string source)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw("{\"a\":\"p\""u8);
        output.Raw(WriteMembers(source).Span);
        output.Raw(",\"id\":"u8);
        output.Text(Id);
        if (Name is not null)
        {
            output.Raw(",\"c\":"u8);
            output.Text(Name);
            output.Raw(",\"d\":"u8);
            output.Text(Key!.Value.Id);
        }

        output.Raw("}"u8);
        return new PresenceMessage(Channel, source, output.WrittenMemory) { Id = Id, Key = Key, Value = Value };
    }

    /// <summary>The members of the message but for those that an answer repeats of its request anyway.</summary>
    public ReadOnlyMemory<byte> WriteMembers(string source)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw(",\"ch\":"u8);
        output.Text(Channel);
        output.Raw(",\"src\":"u8);
        output.Text(source);
        output.Raw(",\"p\":"u8);
        output.Raw(Value.Span);
        if (Counter is { } counter)
        {
            output.Raw(",\"pv\":"u8);
            output.Number(counter);
        }

        if (Version is { } version)
        {
            output.Raw(",\"v\":"u8);
            output.Number(version);
        }

        if (Type is not null)
        {
            output.Raw(",\"t\":"u8);
            output.Text(Type.Uri);
        }

        return output.WrittenMemory;
    }
}
