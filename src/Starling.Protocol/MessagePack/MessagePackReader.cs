using System.Buffers.Binary;

namespace Starling.Protocol.MessagePack;

/// <summary>Reads MessagePack value by value (MessagePack specification, "Formats"). Never reads past the end.</summary>
/// <param name="bytes">The encoded values.</param>
public ref struct MessagePackReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether everything is read.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Reads the next value, or the head of the next array or map.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="MessagePackException">The bytes are no MessagePack, or are cut short.</exception>
    public MessagePackValue Read()
    {
        var form = Take(1)[0];
        return form switch
        {
            < 0x80 => MessagePackValue.Of(form),
            < 0x90 => MessagePackValue.Head(MessagePackType.Map, form & 0xF),
            < 0xA0 => MessagePackValue.Head(MessagePackType.Array, form & 0xF),
            < 0xC0 => MessagePackValue.Of(MessagePackType.String, Take(form & 0x1F)),
            >= 0xE0 => MessagePackValue.Of(unchecked((sbyte)form)),
            0xC0 => MessagePackValue.Head(MessagePackType.Nil, 0),
            0xC2 or 0xC3 => MessagePackValue.Head(MessagePackType.Boolean, form & 1),
            0xC4 => MessagePackValue.Of(MessagePackType.Binary, Take(Length8())),
            0xC5 => MessagePackValue.Of(MessagePackType.Binary, Take(Length16())),
            0xC6 => MessagePackValue.Of(MessagePackType.Binary, Take(Length32())),
            0xC7 => Extension(Length8(), isFixed: false),
            0xC8 => Extension(Length16(), isFixed: false),
            0xC9 => Extension(Length32(), isFixed: false),
            0xCA => MessagePackValue.Of(BinaryPrimitives.ReadSingleBigEndian(Take(4))),
            0xCB => MessagePackValue.Of(BinaryPrimitives.ReadDoubleBigEndian(Take(8))),
            0xCC => MessagePackValue.Of(Take(1)[0]),
            0xCD => MessagePackValue.Of(BinaryPrimitives.ReadUInt16BigEndian(Take(2))),
            0xCE => MessagePackValue.Of(BinaryPrimitives.ReadUInt32BigEndian(Take(4))),
            0xCF => MessagePackValue.OfUnsigned(BinaryPrimitives.ReadUInt64BigEndian(Take(8))),
            0xD0 => MessagePackValue.Of(unchecked((sbyte)Take(1)[0])),
            0xD1 => MessagePackValue.Of(BinaryPrimitives.ReadInt16BigEndian(Take(2))),
            0xD2 => MessagePackValue.Of(BinaryPrimitives.ReadInt32BigEndian(Take(4))),
            0xD3 => MessagePackValue.Of(BinaryPrimitives.ReadInt64BigEndian(Take(8))),
            >= 0xD4 and <= 0xD8 => Extension(1 << (form - 0xD4), isFixed: true),
            0xD9 => MessagePackValue.Of(MessagePackType.String, Take(Length8())),
            0xDA => MessagePackValue.Of(MessagePackType.String, Take(Length16())),
            0xDB => MessagePackValue.Of(MessagePackType.String, Take(Length32())),
            0xDC => MessagePackValue.Head(MessagePackType.Array, Length16()),
            0xDD => MessagePackValue.Head(MessagePackType.Array, Length32()),
            0xDE => MessagePackValue.Head(MessagePackType.Map, Length16()),
            0xDF => MessagePackValue.Head(MessagePackType.Map, Length32()),
            _ => throw new MessagePackException($"0x{form:X2} begins no value."),
        };
    }

    private MessagePackValue Extension(int length, bool isFixed)
    {
        var type = unchecked((sbyte)Take(1)[0]);
        return MessagePackValue.OfExtension(type, Take(length), isFixed);
    }

    private int Length8() => Take(1)[0];

    private int Length16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    private int Length32()
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(Take(4));
        return length <= (uint)_rest.Length ? (int)length : throw CutShort();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw CutShort();
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static MessagePackException CutShort() => new("The bytes end within a value.");
}
