using System.Buffers.Binary;
using System.Text.Json;

namespace Starling.Apps.Cache.Links;

/// <summary>
/// A value and the bytes that belong to it as one stream, so that one call answers both: four bytes of length, the value as JSON, the
/// bytes. Disposes the body.
/// </summary>
internal sealed class HeadedStream(byte[] head, Stream body) : ReadOnlyStream
{
    private const int MaxHead = 256 * 1024;

    private int _position;

    public static HeadedStream Create<T>(T value, Stream body)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web);
        var head = new byte[sizeof(int) + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(head, json.Length);
        json.CopyTo(head, sizeof(int));
        return new HeadedStream(head, body);
    }

    /// <summary>Takes the value off; what is left of the stream is the body.</summary>
    /// <exception cref="InvalidDataException">It begins with no such value.</exception>
    public static async Task<T> ReadHeadAsync<T>(Stream stream, CancellationToken cancellationToken)
    {
        var length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length, cancellationToken);
        var count = BinaryPrimitives.ReadInt32BigEndian(length);
        if (count is <= 0 or > MaxHead)
        {
            throw new InvalidDataException($"A head of {count} bytes is none.");
        }

        var json = new byte[count];
        await stream.ReadExactlyAsync(json, cancellationToken);
        return JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web) ?? throw new InvalidDataException("The head is empty.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == head.Length)
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }

        var count = Math.Min(buffer.Length, head.Length - _position);
        head.AsSpan(_position, count).CopyTo(buffer.Span);
        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
