using System.Buffers.Text;
using System.Diagnostics;
using Starling.Protocol.Buffers;

namespace Starling.Protocol.SocketIo;

/// <summary>Writes what stands before the JSON of a packet.</summary>
public static class PacketHeader
{
    private const int LongestNumber = 20;

    /// <summary>The most bytes that <see cref="Prepend"/> needs.</summary>
    /// <param name="namespaceLength">Bytes of the namespace's name.</param>
    /// <returns>Bytes of headroom to ask for.</returns>
    public static int MaxSize(int namespaceLength) => 1 + LongestNumber + 1 + namespaceLength + 1 + LongestNumber;

    /// <summary>Puts the header of a packet before its JSON.</summary>
    /// <param name="json">A buffer that holds the JSON and has headroom.</param>
    /// <param name="type">Type of the packet; an event or ack becomes its binary form when there are attachments.</param>
    /// <param name="attachmentCount">How many binary messages will follow.</param>
    /// <param name="namespaceName">Name of the namespace in UTF-8.</param>
    /// <param name="ackId">The acknowledgement id, or <see cref="Packet.NoAck"/>.</param>
    public static void Prepend(PooledBuffer json, PacketType type, int attachmentCount, ReadOnlySpan<byte> namespaceName, long ackId)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (ackId >= 0)
        {
            PrependNumber(json, ackId);
        }

        if (!namespaceName.SequenceEqual("/"u8))
        {
            json.Prepend(1)[0] = (byte)',';
            namespaceName.CopyTo(json.Prepend(namespaceName.Length));
        }

        if (attachmentCount > 0)
        {
            json.Prepend(1)[0] = (byte)'-';
            PrependNumber(json, attachmentCount);
            type = type == PacketType.Event ? PacketType.BinaryEvent : PacketType.BinaryAck;
        }

        json.Prepend(1)[0] = (byte)('0' + (byte)type);
    }

    private static void PrependNumber(PooledBuffer buffer, long number)
    {
        Span<byte> digits = stackalloc byte[LongestNumber];
        var formatted = Utf8Formatter.TryFormat(number, digits, out var length);
        Debug.Assert(formatted, "a 64-bit number has at most 20 characters");
        digits[..length].CopyTo(buffer.Prepend(length));
    }
}
