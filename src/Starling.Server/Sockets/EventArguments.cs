using System.Text.Json;
using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets;

/// <summary>
/// The arguments of a received event or acknowledgement, as they came. They can be read as any type, any number of times, and passed on
/// unread: sending them costs no more than a copy of their bytes. Immutable.
/// </summary>
public sealed class EventArguments
{
    private readonly ReadOnlyMemory<byte> _array;
    private readonly int _skipped;
    private readonly PayloadSerializer _serializer;
    private readonly int _elementsOffset;
    private int _count = -1;

    internal EventArguments(
        ReadOnlyMemory<byte> array, bool startsWithName, IReadOnlyList<ReadOnlyMemory<byte>> attachments, PayloadSerializer serializer)
    {
        _array = array = array.TrimEnd(" \t\r\n"u8);
        _skipped = startsWithName ? 1 : 0;
        _serializer = serializer;
        _elementsOffset = FindElements(array.Span, startsWithName);
        Attachments = attachments;
    }

    /// <summary>How many arguments there are.</summary>
    public int Count => _count >= 0 ? _count : _count = CountElements();

    /// <summary>Bytes that came as attachments, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Attachments { get; }

    /// <summary>The arguments as JSON text, separated by commas, without brackets around them.</summary>
    internal ReadOnlyMemory<byte> Elements => _array[_elementsOffset..^1];

    /// <summary>The whole array as it came.</summary>
    internal ReadOnlyMemory<byte> Array => _array;

    /// <summary>Reads one argument.</summary>
    /// <typeparam name="T">The type to read it as. Bytes read as <c>byte[]</c> or <c>ReadOnlyMemory&lt;byte&gt;</c>.</typeparam>
    /// <param name="index">Which argument, from 0.</param>
    /// <returns>The argument; default when the client sent fewer.</returns>
    /// <exception cref="JsonException">The argument is not a <typeparamref name="T"/>.</exception>
    public T? Get<T>(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var reader = new ArgumentReader(_array.Span, Attachments, _serializer);
        reader.Skip(_skipped + index);
        return reader.Read<T>();
    }

    /// <summary>An acknowledgement as what its receiver asked for: its first argument, or all of them.</summary>
    internal T? As<T>() => typeof(T) == typeof(EventArguments) ? (T)(object)this : Get<T>(0);

    // The array was checked when it arrived: it starts with a bracket, perhaps after white space, and, in an event, with a name.
    private static int FindElements(ReadOnlySpan<byte> array, bool startsWithName)
    {
        var reader = new Utf8JsonReader(array, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        if (!startsWithName)
        {
            return (int)reader.BytesConsumed;
        }

        reader.Read();
        var end = (int)reader.BytesConsumed;
        var rest = array[end..];
        var next = rest.IndexOfAnyExcept(" \t\r\n"u8);
        return rest[next] == ',' ? end + next + 1 : array.Length - 1;
    }

    private int CountElements()
    {
        var reader = new Utf8JsonReader(_array.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
            count++;
        }

        return count - _skipped;
    }
}
