using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Starling.Protocol.SoupBinTcp;

/// <summary>
/// Packets of SoupBinTCP 3.00, which carries a sequence of messages over TCP from any number on: two bytes of length, one of type, the
/// content. Numbers in logins are decimal text, padded with blanks on the left.
/// </summary>
public static class SoupPacket
{
    /// <summary>Longest content: the length counts the type as well.</summary>
    public const int MaxContent = ushort.MaxValue - 1;

    private const int SessionLength = 10;
    private const int NumberLength = 20;
    private const int CredentialsLength = 16;

    /// <summary>Takes the next packet from the front.</summary>
    /// <param name="buffer">What has come; moved past the packet that is returned.</param>
    /// <param name="type">Its type.</param>
    /// <param name="content">Its content; valid until the reader moves on.</param>
    /// <returns>False when more bytes are needed.</returns>
    /// <exception cref="FormatException">The packet has no type.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out SoupPacketType type, out ReadOnlySequence<byte> content)
    {
        type = default;
        content = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadBigEndian(out short signed) || reader.Remaining < (ushort)signed)
        {
            return false;
        }

        var length = (ushort)signed;
        if (length == 0)
        {
            throw new FormatException("A packet of SoupBinTCP has at least its type.");
        }

        reader.TryRead(out var letter);
        type = (SoupPacketType)letter;
        content = buffer.Slice(3, length - 1);
        buffer = buffer.Slice(2 + length);
        return true;
    }

    /// <summary>Writes a packet.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="type">Its type.</param>
    /// <param name="content">Its content.</param>
    public static void Write(IBufferWriter<byte> output, SoupPacketType type, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxContent);
        var span = output.GetSpan(3 + content.Length);
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)(content.Length + 1));
        span[2] = (byte)type;
        content.CopyTo(span[3..]);
        output.Advance(3 + content.Length);
    }

    /// <summary>Writes the request for a session.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="session">Its name, or blank for the present one.</param>
    /// <param name="sequence">Number of the first message that is wanted; 0 for the next to come.</param>
    public static void WriteLogin(IBufferWriter<byte> output, string session, long sequence)
    {
        Span<byte> content = stackalloc byte[CredentialsLength + SessionLength + NumberLength];
        content.Fill((byte)' ');
        WriteSession(content[CredentialsLength..], session, sequence);
        Write(output, SoupPacketType.LoginRequest, content);
    }

    /// <summary>Writes the server's consent.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="session">The session.</param>
    /// <param name="sequence">Number of the first message that will come.</param>
    public static void WriteAccepted(IBufferWriter<byte> output, string session, long sequence)
    {
        Span<byte> content = stackalloc byte[SessionLength + NumberLength];
        content.Fill((byte)' ');
        WriteSession(content, session, sequence);
        Write(output, SoupPacketType.LoginAccepted, content);
    }

    /// <summary>Reads session and number of a login or its acceptance.</summary>
    /// <param name="type">Which of the two.</param>
    /// <param name="content">The packet's content.</param>
    /// <exception cref="FormatException">It is neither.</exception>
    public static (string Session, long Sequence) ReadSession(SoupPacketType type, in ReadOnlySequence<byte> content)
    {
        var skipped = type == SoupPacketType.LoginRequest ? CredentialsLength : 0;
        if (content.Length != skipped + SessionLength + NumberLength)
        {
            throw new FormatException("The packet is no login: its length is wrong.");
        }

        var text = Encoding.ASCII.GetString(content.Slice(skipped));
        return long.TryParse(text.AsSpan(SessionLength).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? (text[..SessionLength], sequence)
            : throw new FormatException("The packet is no login: its sequence number is none.");
    }

    private static void WriteSession(Span<byte> content, string session, long sequence)
    {
        Encoding.ASCII.GetBytes(session, content[..SessionLength]);
        var number = sequence.ToString(CultureInfo.InvariantCulture);
        Encoding.ASCII.GetBytes(number, content.Slice(SessionLength + NumberLength - number.Length, number.Length));
    }
}
