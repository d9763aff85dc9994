using System.Text.Json;

namespace Starling.Server.Sockets.Payloads;

/// <summary>Reads the elements of a packet's array one after the other.</summary>
internal ref struct ArgumentReader
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _attachments;
    private readonly PayloadSerializer _serializer;
    private Utf8JsonReader _reader;

    /// <summary>Begins before the first element; <paramref name="array"/> was checked to be an array when it arrived.</summary>
    public ArgumentReader(ReadOnlySpan<byte> array, IReadOnlyList<ReadOnlyMemory<byte>> attachments, PayloadSerializer serializer)
    {
        _attachments = attachments;
        _serializer = serializer;
        _reader = new Utf8JsonReader(array, new JsonReaderOptions { MaxDepth = int.MaxValue });
        _reader.Read();
    }

    /// <summary>Reads the next element; default when there is none, as a missing argument is undefined in JavaScript.</summary>
    /// <exception cref="JsonException">The element is not a <typeparamref name="T"/>.</exception>
    public T? Read<T>() => _reader.TokenType == JsonTokenType.EndArray && _reader.CurrentDepth == 0 || !MoveNext()
        ? default
        : _serializer.ReadValue<T>(ref _reader, _attachments);

    public void Skip(int count)
    {
        while (count-- > 0 && MoveNext())
        {
            _reader.Skip();
        }
    }

    private bool MoveNext() => _reader.Read() && !(_reader.TokenType == JsonTokenType.EndArray && _reader.CurrentDepth == 0);
}
