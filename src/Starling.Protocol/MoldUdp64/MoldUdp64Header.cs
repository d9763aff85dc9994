using System.Buffers.Binary;
using System.Text;

namespace Starling.Protocol.MoldUdp64;

/// <summary>
/// The header of a downstream packet of MoldUDP64 1.00, the protocol by which exchanges publish sequenced messages over UDP multicast:
/// session, sequence number of the first message, how many messages follow. Numbers are big-endian.
/// </summary>
/// <param name="Session">Ten characters that name one life of the publisher.</param>
/// <param name="Sequence">Number of the first message in the packet; in a heartbeat that of the next message to come. The first is 1.</param>
/// <param name="Count">Messages in the packet: 0 in a heartbeat, <see cref="EndOfSession"/> when no more come.</param>
public readonly record struct MoldUdp64Header(string Session, long Sequence, int Count)
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 20;

    /// <summary>Bytes of a session's name.</summary>
    public const int SessionLength = 10;

    /// <summary>The count that says that no more messages come.</summary>
    public const int EndOfSession = 0xFFFF;

    /// <summary>Reads the header.</summary>
    /// <param name="packet">The datagram.</param>
    /// <param name="header">The header.</param>
    /// <returns>False when the datagram is too short or the session is no ASCII text.</returns>
    public static bool TryRead(ReadOnlySpan<byte> packet, out MoldUdp64Header header)
    {
        header = default;
        if (packet.Length < Length || packet[..SessionLength].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            return false;
        }

        var sequence = BinaryPrimitives.ReadInt64BigEndian(packet[SessionLength..]);
        header = new MoldUdp64Header(
            Encoding.ASCII.GetString(packet[..SessionLength]), sequence, BinaryPrimitives.ReadUInt16BigEndian(packet[(SessionLength + 8)..]));
        return sequence > 0;
    }

    /// <summary>Takes the next message from the front of what follows the header.</summary>
    /// <param name="messages">The messages that are left.</param>
    /// <param name="message">The next one.</param>
    /// <returns>False when there is none, or it is cut off.</returns>
    public static bool TryReadMessage(ref ReadOnlySpan<byte> messages, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (messages.Length < 2)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(messages);
        if (messages.Length - 2 < length)
        {
            return false;
        }

        message = messages.Slice(2, length);
        messages = messages[(2 + length)..];
        return true;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="packet">Takes <see cref="Length"/> bytes.</param>
    public void Write(Span<byte> packet)
    {
        packet[..SessionLength].Fill((byte)' ');
        Encoding.ASCII.GetBytes(Session, packet[..SessionLength]);
        BinaryPrimitives.WriteInt64BigEndian(packet[SessionLength..], Sequence);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(SessionLength + 8)..], (ushort)Count);
    }
}
