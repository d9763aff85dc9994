using Starling.Protocol.Buffers;
using Starling.Protocol.EngineIo;
using Starling.Server.Sessions;

namespace Starling.Server.Transports;

/// <summary>Packets that wait for the next poll, in their text form with the length of each. Not thread-safe.</summary>
internal sealed class PollingPayload
{
    private readonly PooledBuffer _packets = new();
    private readonly List<int> _lengths = [];
    private bool _hasBinary;

    public bool IsEmpty => _lengths.Count == 0;

    public int Length => _packets.Length;

    public void Add(PacketType type, ReadOnlySpan<byte> data)
    {
        var before = _packets.Length;
        PacketWriter.WriteText(_packets, type, data);
        _lengths.Add(_packets.Length - before);
    }

    public void Add(OutgoingMessage message)
    {
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
    }
}
