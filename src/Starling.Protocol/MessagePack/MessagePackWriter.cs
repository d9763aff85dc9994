using System.Buffers.Binary;
using Starling.Protocol.Buffers;

namespace Starling.Protocol.MessagePack;

/// <summary>Writes MessagePack, each value in its shortest form (MessagePack specification, "Formats").</summary>
/// <param name="output">Takes the bytes.</param>
public readonly struct MessagePackWriter(PooledBuffer output)
{
    /// <summary>Writes nil.</summary>
    public void WriteNil() => output.WriteByte(0xC0);

    /// <summary>Writes a truth value.</summary>
    /// <param name="value">The value.</param>
    public void WriteBoolean(bool value) => output.WriteByte(value ? (byte)0xC3 : (byte)0xC2);

    /// <summary>Writes an integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteInteger(long value)
    {
        if (value >= 0)
        {
            WriteUnsigned((ulong)value);
        }
        else if (value >= -32)
        {
            output.WriteByte(unchecked((byte)value));
        }
        else if (value >= sbyte.MinValue)
        {
            output.WriteByte(0xD0);
            output.WriteByte(unchecked((byte)value));
        }
        else if (value >= short.MinValue)
        {
            BinaryPrimitives.WriteInt16BigEndian(Reserve(0xD1, sizeof(short)), (short)value);
        }
        else if (value >= int.MinValue)
        {
            BinaryPrimitives.WriteInt32BigEndian(Reserve(0xD2, sizeof(int)), (int)value);
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(Reserve(0xD3, sizeof(long)), value);
        }
    }

    /// <summary>Writes a number in double precision.</summary>
    /// <param name="value">The value.</param>
    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleBigEndian(Reserve(0xCB, sizeof(double)), value);

    /// <summary>Writes text.</summary>
    /// <param name="utf8">The text in UTF-8.</param>
    public void WriteString(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length < 32)
        {
            output.WriteByte((byte)(0xA0 | utf8.Length));
        }
        else
        {
            WriteLength(utf8.Length, 0xD9, 0xDA, 0xDB);
        }

        output.Write(utf8);
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        WriteLength(bytes.Length, 0xC4, 0xC5, 0xC6);
        output.Write(bytes);
    }

    /// <summary>Begins an array of <paramref name="count"/> values.</summary>
    /// <param name="count">How many values follow.</param>
    public void WriteArrayHeader(int count) => WriteHeader(count, 0x90, 0xDC, 0xDD);

    /// <summary>Begins a map of <paramref name="count"/> pairs.</summary>
    /// <param name="count">How many pairs of key and value follow.</param>
    public void WriteMapHeader(int count) => WriteHeader(count, 0x80, 0xDE, 0xDF);

    private void WriteUnsigned(ulong value)
    {
        switch (value)
        {
            case < 128:
                output.WriteByte((byte)value);
                break;
            case <= byte.MaxValue:
                output.WriteByte(0xCC);
                output.WriteByte((byte)value);
                break;
            case <= ushort.MaxValue:
                BinaryPrimitives.WriteUInt16BigEndian(Reserve(0xCD, sizeof(ushort)), (ushort)value);
                break;
            case <= uint.MaxValue:
                BinaryPrimitives.WriteUInt32BigEndian(Reserve(0xCE, sizeof(uint)), (uint)value);
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(Reserve(0xCF, sizeof(ulong)), value);
                break;
        }
    }

    private void WriteHeader(int count, byte fixedForm, byte form16, byte form32)
    {
        if (count < 16)
        {
            output.WriteByte((byte)(fixedForm | count));
        }
        else if (count <= ushort.MaxValue)
        {
            BinaryPrimitives.WriteUInt16BigEndian(Reserve(form16, sizeof(ushort)), (ushort)count);
        }
        else
        {
            BinaryPrimitives.WriteInt32BigEndian(Reserve(form32, sizeof(int)), count);
        }
    }

    private void WriteLength(int length, byte form8, byte form16, byte form32)
    {
        if (length <= byte.MaxValue)
        {
            output.WriteByte(form8);
            output.WriteByte((byte)length);
        }
        else if (length <= ushort.MaxValue)
        {
            BinaryPrimitives.WriteUInt16BigEndian(Reserve(form16, sizeof(ushort)), (ushort)length);
        }
        else
        {
            BinaryPrimitives.WriteInt32BigEndian(Reserve(form32, sizeof(int)), length);
        }
    }

    private Span<byte> Reserve(byte form, int size)
    {
        output.WriteByte(form);
        var span = output.GetSpan(size)[..size];
        output.Advance(size);
        return span;
    }
}
