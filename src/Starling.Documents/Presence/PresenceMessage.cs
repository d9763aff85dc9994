using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Starling.Documents.Presence;

/// <summary>A presence, or the request for everybody's, on its way to the subscribers of a channel. Immutable.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Source">Who sent it, as others see it.</param>
/// <param name="Bytes">The message that subscribers get.</param>
internal sealed record PresenceMessage(string Channel, string Source, ReadOnlyMemory<byte> Bytes)
{
    private const byte Form = 1;

    /// <summary>The presence's own id; null for a request.</summary>
    public string? Id { get; init; }

    /// <summary>The document it is in, or null.</summary>
    public DocumentKey? Key { get; init; }

    /// <summary>The value as UTF-8 JSON; <c>null</c> when it leaves.</summary>
    public ReadOnlyMemory<byte> Value { get; init; }

    public byte[] Encode()
    {
        using var stream = new MemoryStream(Bytes.Length + 128);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Form);
        writer.Write(Channel);
        writer.Write(Source);
        writer.Write(Id is not null);
        writer.Write(Id ?? "");
        writer.Write(Key is not null);
        writer.Write(Key?.Collection ?? "");
        writer.Write(Key?.Id ?? "");
        writer.Write(Value.Length);
        writer.Write(Value.Span);
        writer.Write(Bytes.Length);
        writer.Write(Bytes.Span);
        writer.Flush();
        return stream.ToArray();
    }

    public static bool TryDecode(ReadOnlyMemory<byte> data, [NotNullWhen(true)] out PresenceMessage? message)
    {
        message = null;
        if (data.IsEmpty || data.Span[0] != Form)
        {
            return false;
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(data.ToArray(), 1, data.Length - 1), Encoding.UTF8);
            var (channel, source) = (reader.ReadString(), reader.ReadString());
            var (hasId, id) = (reader.ReadBoolean(), reader.ReadString());
            var (hasKey, key) = (reader.ReadBoolean(), new DocumentKey(reader.ReadString(), reader.ReadString()));
            var value = reader.ReadBytes(reader.ReadInt32());
            message = new PresenceMessage(channel, source, reader.ReadBytes(reader.ReadInt32()))
            {
                Id = hasId ? id : null,
                Key = hasKey ? key : null,
                Value = value,
            };
            return true;
        }
        catch (Exception exception) when (exception is IOException or FormatException or ArgumentException)
        {
            return false;
        }
    }
}
