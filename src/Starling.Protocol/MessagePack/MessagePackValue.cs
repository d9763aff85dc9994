namespace Starling.Protocol.MessagePack;

/// <summary>One value, or the head of an array or map whose elements come next.</summary>
public readonly ref struct MessagePackValue
{
    private readonly long _number;

    private MessagePackValue(MessagePackType type, long number, double real, ReadOnlySpan<byte> bytes)
    {
        Type = type;
        _number = number;
        Real = real;
        Bytes = bytes;
    }

    /// <summary>What it is.</summary>
    public MessagePackType Type { get; }

    /// <summary>A truth value.</summary>
    public bool Boolean => _number != 0;

    /// <summary>An integer.</summary>
    public long Integer => _number;

    /// <summary>An unsigned integer.</summary>
    public ulong Unsigned => unchecked((ulong)_number);

    /// <summary>A floating-point number.</summary>
    public double Real { get; }

    /// <summary>How many elements, or pairs of key and value, follow.</summary>
    public int Count => (int)_number;

    /// <summary>The type of an extension.</summary>
    public sbyte ExtensionType => (sbyte)_number;

    /// <summary>Whether an extension has one of the forms "fixext", which notepack 2 tells apart from "ext" of the same length.</summary>
    public bool IsFixedExtension { get; private init; }

    /// <summary>The content of text, bytes or an extension.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    internal static MessagePackValue Of(long value) => new(MessagePackType.Integer, value, 0, []);

    internal static MessagePackValue Of(double value) => new(MessagePackType.Float, 0, value, []);

    internal static MessagePackValue Of(MessagePackType type, ReadOnlySpan<byte> bytes) => new(type, 0, 0, bytes);

    internal static MessagePackValue OfUnsigned(ulong value) =>
        new(value <= long.MaxValue ? MessagePackType.Integer : MessagePackType.Unsigned, unchecked((long)value), 0, []);

    internal static MessagePackValue OfExtension(sbyte type, ReadOnlySpan<byte> bytes, bool isFixed) =>
        new(MessagePackType.Extension, type, 0, bytes) { IsFixedExtension = isFixed };

    internal static MessagePackValue Head(MessagePackType type, int count) => new(type, count, 0, []);
}
