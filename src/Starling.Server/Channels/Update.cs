using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Starling.Server.Channels;

/// <summary>What a publisher says of a topic (an update, in the words of Mercure). Immutable.</summary>
/// <param name="Topics">
/// The topics it concerns, at least one: the first is the canonical one, the others are alternates. Subscribers to any of them get it.
/// </param>
/// <param name="Data">Its content as UTF-8. Must not be changed afterwards.</param>
public sealed record Update(IReadOnlyList<string> Topics, ReadOnlyMemory<byte> Data)
{
    /// <summary>Creates an update of one topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="data">Its content.</param>
    public Update(string topic, string data)
        : this([topic], Encoding.UTF8.GetBytes(data))
    {
    }

    /// <summary>Whether only subscribers get it whose token or policy allows them to read one of its topics.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>An id of the publisher's choice, or null for one that the hub makes. Should be unique.</summary>
    public string? Id { get; init; }

    /// <summary>The event's type, or null for <c>message</c>.</summary>
    public string? Type { get; init; }

    /// <summary>How long clients wait before they reconnect, in milliseconds, or null.</summary>
    public long? Retry { get; init; }

    /// <summary>Creates an update whose content is JSON.</summary>
    /// <typeparam name="T">Type of the content.</typeparam>
    /// <param name="topic">The topic.</param>
    /// <param name="content">The content.</param>
    /// <param name="typeInfo">How it is written; from a source-generated context, so that trimming is safe.</param>
    /// <returns>The update.</returns>
    public static Update Json<T>(string topic, T content, JsonTypeInfo<T> typeInfo) =>
        new([topic], JsonSerializer.SerializeToUtf8Bytes(content, typeInfo));
}
