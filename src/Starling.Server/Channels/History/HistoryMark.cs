using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Starling.Server.Channels.History;

/// <summary>A record of a history file that is not a publication.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Epoch">The epoch that it is about.</param>
/// <param name="Offset">The last offset of that epoch.</param>
/// <param name="Boot">For <see cref="HistoryMarkKind.Opened"/>, the <see cref="BootId"/>.</param>
internal sealed record HistoryMark(HistoryMarkKind Kind, string Epoch, long Offset, string Boot = "")
{
    // Publications begin with the length of a text.
    private const int Signature = -2;
    private const int FixedSize = 4 + 1 + 8 + 4;

    public static bool IsMark(ReadOnlySpan<byte> record) =>
        record.Length >= sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(record) == Signature;

    /// <summary>Reads a record that <see cref="IsMark"/> says is one.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static HistoryMark Read(ReadOnlySpan<byte> record)
    {
        var length = record.Length < FixedSize ? -1 : BinaryPrimitives.ReadInt32LittleEndian(record[13..]);
        if (length < 0 || length > record.Length - FixedSize)
        {
            throw new InvalidDataException("These bytes are not a mark of a history.");
        }

        return new HistoryMark(
            (HistoryMarkKind)record[4], string.Intern(Encoding.UTF8.GetString(record.Slice(FixedSize, length))),
            BinaryPrimitives.ReadInt64LittleEndian(record[5..]), Encoding.UTF8.GetString(record[(FixedSize + length)..]));
    }

    public void Write(IBufferWriter<byte> output)
    {
        var head = output.GetSpan(FixedSize);
        BinaryPrimitives.WriteInt32LittleEndian(head, Signature);
        head[4] = (byte)Kind;
        BinaryPrimitives.WriteInt64LittleEndian(head[5..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(head[13..], Encoding.UTF8.GetByteCount(Epoch));
        output.Advance(FixedSize);
        Encoding.UTF8.GetBytes(Epoch, output);
        Encoding.UTF8.GetBytes(Boot, output);
    }
}
