using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Starling.Cluster.Wire;

/// <summary>Reads a frame field by field; bytes are slices of it. Everything is checked: what cannot be is a <see cref="WireException"/>.</summary>
internal ref struct FieldReader(ReadOnlyMemory<byte> frame)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlyMemory<byte> _frame = frame;
    private int _position;

    public byte ReadByte()
    {
        if (_position >= _frame.Length)
        {
            throw TooShort();
        }

        return _frame.Span[_position++];
    }

    public bool ReadFlag() => ReadByte() switch
    {
        0 => false,
        1 => true,
        var other => throw new WireException($"a flag has the value {other}"),
    };

    public long ReadNumber()
    {
        ulong number = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = ReadByte();
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return (long)number;
            }
        }

        throw new WireException("a number has more than ten bytes");
    }

    /// <summary>How many items follow, of which each has at least one byte.</summary>
    public int ReadCount()
    {
        var count = ReadNumber();
        return count >= 0 && count <= _frame.Length - _position ? (int)count : throw TooShort();
    }

    public ReadOnlyMemory<byte> ReadBytes() => Take(ReadNumber());

    public string ReadText() => ReadOptionalText() ?? throw new WireException("a text is missing");

    public string? ReadOptionalText()
    {
        var header = ReadNumber();
        if (header == 0)
        {
            return null;
        }

        var bytes = Take((header - 1) >> 1).Span;
        return ((header - 1) & 1) == 0 ? Decode(bytes) : new string(Chars(bytes));
    }

    /// <summary>Reads a text into <paramref name="scratch"/>, if it surely fits and is UTF-8; else it is still to be read.</summary>
    public bool TryReadChars(scoped Span<char> scratch, out int length)
    {
        length = 0;
        var start = _position;
        var header = ReadNumber();
        if (header <= 0 || ((header - 1) & 1) != 0 || (header - 1) >> 1 > scratch.Length)
        {
            _position = start;
            return false;
        }

        try
        {
            length = Utf8.GetChars(Take((header - 1) >> 1).Span, scratch);
            return true;
        }
        catch (DecoderFallbackException)
        {
            throw NoText();
        }
    }

    public string[] ReadTexts()
    {
        var texts = new string[ReadCount()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = ReadText();
        }

        return texts;
    }

    public JsonElement ReadJson()
    {
        var bytes = ReadBytes();
        if (bytes.IsEmpty)
        {
            return default;
        }

        try
        {
            return JsonElement.Parse(bytes.Span);
        }
        catch (JsonException exception)
        {
            throw new WireException("a value is no JSON: " + exception.Message);
        }
    }

    public readonly void End()
    {
        if (_position != _frame.Length)
        {
            throw new WireException($"{_frame.Length - _position} bytes are left over in a frame");
        }
    }

    private ReadOnlyMemory<byte> Take(long length)
    {
        if (length < 0 || length > _frame.Length - _position)
        {
            throw TooShort();
        }

        var taken = _frame.Slice(_position, (int)length);
        _position += (int)length;
        return taken;
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw NoText();
        }
    }

    private static ReadOnlySpan<char> Chars(ReadOnlySpan<byte> bytes) =>
        bytes.Length % 2 == 0 ? MemoryMarshal.Cast<byte, char>(bytes) : throw NoText();

    private static WireException NoText() => new("a text is not well-formed");

    private static WireException TooShort() => new("a frame is shorter than its fields say");
}
