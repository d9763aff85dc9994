using Starling.Protocol.Buffers;
using Starling.Protocol.EngineIo;
using Starling.Server.Sessions;

namespace Starling.Server.Transports;

/// <summary>Packets that wait for the next poll, in their text form with the length of each. Not thread-safe.</summary>
internal sealed class PollingPayload
{
    // What a packet costs beside its text: its length here, and at most as much as the header of its frame if it leaves over a WebSocket.
    private const int PacketOverhead = 10;

    private readonly PooledBuffer _packets = new();
    private readonly List<int> _lengths = [];
    private bool _hasBinary;

    public bool IsEmpty => _lengths.Count == 0;

    /// <summary>The bytes that the packets take.</summary>
    public long Size => _packets.Length + (long)PacketOverhead * _lengths.Count;

    /// <summary>The bytes of the largest message so far since there was none.</summary>
    public long LargestSize { get; private set; }

    /// <summary>The bytes that a message would take.</summary>
    public static long SizeOf(OutgoingMessage message)
    {
        var size = message.IsText ? SizeOfText(message.Body.Length) : SizeOfBinary(message.Body.Length);
        foreach (var attachment in message.Attachments)
        {
            size += SizeOfBinary(attachment.Length);
        }

        return size;
    }

    /// <summary>The bytes that a packet of so many bytes of text would take.</summary>
    public static long SizeOfText(int length) => PacketOverhead + 1 + (long)length;

    public void Add(PacketType type, ReadOnlySpan<byte> data)
    {
        var before = _packets.Length;
        PacketWriter.WriteText(_packets, type, data);
        _lengths.Add(_packets.Length - before);
    }

    public void Add(OutgoingMessage message)
    {
        LargestSize = Math.Max(LargestSize, SizeOf(message));
        if (message.IsText)
        {
            Add(PacketType.Message, message.Body);
        }
        else
        {
            AddBinary(message.Body);
        }

        foreach (var attachment in message.Attachments)
        {
            AddBinary(attachment.Span);
        }
    }

    /// <summary>Moves all packets into the body of a response.</summary>
    /// <returns>Whether the body is binary.</returns>
    public bool Take(PooledBuffer body, PollingFormat format)
    {
        var isBinary = format == PollingFormat.Version3 && _hasBinary;
        var rest = _packets.Written;
        foreach (var length in _lengths)
        {
            var packet = rest[..length];
            rest = rest[length..];
            if (isBinary)
            {
                Version3.WriteBinaryPayloadPacket(body, packet);
            }
            else if (format != PollingFormat.Version4)
            {
                Version3.WritePayloadPacket(body, packet);
            }
            else
            {
                WriteSeparated(body, packet);
            }
        }

        Clear();
        return isBinary;
    }

    /// <summary>Moves all packets to the WebSocket that takes over.</summary>
    public void MoveTo(WebSocketTransport successor)
    {
        var rest = _packets.WrittenMemory;
        using var scratch = new PooledBuffer();
        foreach (var length in _lengths)
        {
            if (PacketReader.TryReadText(rest[..length], scratch, out var packet))
            {
                successor.Forward(packet);
            }

            rest = rest[length..];
        }

        Clear();
    }

    private static long SizeOfBinary(int length) => PacketOverhead + 1 + (((length + 2L) / 3) * 4);

    private static void WriteSeparated(PooledBuffer body, ReadOnlySpan<byte> packet)
    {
        if (body.Length > 0)
        {
            body.WriteByte(PacketReader.Separator);
        }

        body.Write(packet);
    }

    private void AddBinary(ReadOnlySpan<byte> data)
    {
        var before = _packets.Length;
        PacketWriter.WriteBase64(_packets, data);
        _hasBinary = true;
        _lengths.Add(_packets.Length - before);
    }

    private void Clear()
    {
        _packets.Dispose();
        _lengths.Clear();
        _hasBinary = false;
        LargestSize = 0;
    }
}
