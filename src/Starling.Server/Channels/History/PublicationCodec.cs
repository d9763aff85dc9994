using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Starling.Server.Channels.History;

/// <summary>A publication as bytes, for the history's file and for the backplane: numbers little-endian, texts as length and UTF-8.</summary>
internal static class PublicationCodec
{
    private const int Absent = -1;
    private const byte PrivateFlag = 1;

    public static void Write(IBufferWriter<byte> output, Publication publication)
    {
        var update = publication.Update;
        WriteText(output, publication.Epoch);
        WriteLong(output, publication.Offset);
        WriteLong(output, publication.Time.UtcTicks);
        output.Write([update.IsPrivate ? PrivateFlag : (byte)0]);
        WriteText(output, update.Id);
        WriteText(output, update.Type);
        WriteLong(output, update.Retry ?? Absent);
        WriteInt(output, update.Topics.Count);
        foreach (var topic in update.Topics)
        {
            WriteText(output, topic);
        }

        WriteInt(output, update.Data.Length);
        output.Write(update.Data.Span);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static Publication Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        var epoch = reader.Text() ?? throw Invalid();
        var offset = reader.Long();
        var ticks = reader.Long();
        var flags = reader.Byte();
        var id = reader.Text();
        var type = reader.Text();
        var retry = reader.Long();
        var topics = new string[Math.Clamp(reader.Int(), 0, bytes.Length)];
        for (var i = 0; i < topics.Length; i++)
        {
            topics[i] = reader.Text() ?? throw Invalid();
        }

        var data = reader.Bytes(reader.Int()).ToArray();
        if (offset <= 0 || ticks < 0 || ticks > DateTime.MaxValue.Ticks || topics.Length == 0)
        {
            throw Invalid();
        }

        var update = new Update(topics, data)
        {
            IsPrivate = (flags & PrivateFlag) != 0,
            Id = id,
            Type = type,
            Retry = retry == Absent ? null : retry,
        };
        return new Publication(update, string.Intern(epoch), offset, new DateTimeOffset(ticks, TimeSpan.Zero));
    }

    private static InvalidDataException Invalid() => new("These bytes are no publication.");

    private static void WriteLong(IBufferWriter<byte> output, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    private static void WriteInt(IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private static void WriteText(IBufferWriter<byte> output, string? text)
    {
        if (text is null)
        {
            WriteInt(output, Absent);
            return;
        }

        WriteInt(output, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, output);
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public byte Byte() => Bytes(1)[0];

        public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

        public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8));

        public string? Text()
        {
            var length = Int();
            return length == Absent ? null : Encoding.UTF8.GetString(Bytes(length));
        }

        public ReadOnlySpan<byte> Bytes(int count)
        {
            if (count < 0 || count > _rest.Length)
            {
                throw Invalid();
            }

            var result = _rest[..count];
            _rest = _rest[count..];
            return result;
        }
    }
}
