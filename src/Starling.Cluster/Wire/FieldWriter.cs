using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Starling.Protocol.Buffers;

namespace Starling.Cluster.Wire;

/// <summary>Writes one frame field by field.</summary>
internal static class FieldWriter
{
    private const int LengthBytes = 4;

    /// <summary>Begins a frame in an empty buffer.</summary>
    public static void Begin(this PooledBuffer buffer, FrameKind kind)
    {
        buffer.Reset();
        buffer.Write([0, 0, 0, 0, (byte)kind]);
    }

    /// <summary>Puts the length in front of what was written.</summary>
    public static ReadOnlySpan<byte> End(this PooledBuffer buffer)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.WrittenForUpdate, buffer.Length - LengthBytes);
        return buffer.Written;
    }

    public static void WriteNumber(this PooledBuffer buffer, long number)
    {
        var rest = (ulong)number;
        while (rest >= 0x80)
        {
            buffer.WriteByte((byte)(rest | 0x80));
            rest >>= 7;
        }

        buffer.WriteByte((byte)rest);
    }

    public static void WriteFlag(this PooledBuffer buffer, bool value) => buffer.WriteByte(value ? (byte)1 : (byte)0);

    public static void WriteBytes(this PooledBuffer buffer, ReadOnlySpan<byte> bytes)
    {
        buffer.WriteNumber(bytes.Length);
        buffer.Write(bytes);
    }

    /// <summary>
    /// Zero for null; else twice the length in bytes, plus one where it is UTF-16 instead of UTF-8, plus one. UTF-16 is for what has no
    /// UTF-8: names with half a surrogate pair, which clients may send.
    /// </summary>
    public static void WriteText(this PooledBuffer buffer, string? text)
    {
        if (text is null)
        {
            buffer.WriteNumber(0);
            return;
        }

        // The longest UTF-8 of a short text has a length of one or two bytes; longer ones are measured.
        Span<byte> scratch = stackalloc byte[384];
        if (text.Length <= scratch.Length / 3 && Utf8.FromUtf16(text, scratch, out _, out var written, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done)
        {
            buffer.WriteNumber((written * 2) + 1);
            buffer.Write(scratch[..written]);
            return;
        }

        var room = buffer.GetSpan((text.Length * 3) + 5);
        if (text.Length > scratch.Length / 3 && Utf8.FromUtf16(text, room[5..], out _, out written, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done)
        {
            var content = room.Slice(5, written);
            var before = buffer.Length;
            buffer.WriteNumber((written * 2L) + 1);
            content.CopyTo(room[(buffer.Length - before)..]);
            buffer.Advance(written);
            return;
        }

        var raw = MemoryMarshal.AsBytes(text.AsSpan());
        buffer.WriteNumber((raw.Length * 2L) + 2);
        buffer.Write(raw);
    }

    public static void WriteTexts(this PooledBuffer buffer, IReadOnlyList<string> texts)
    {
        buffer.WriteNumber(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            buffer.WriteText(texts[i]);
        }
    }

    /// <summary>The text of a value as it stands; nothing for one that is undefined.</summary>
    public static void WriteJson(this PooledBuffer buffer, JsonElement value) =>
        buffer.WriteBytes(value.ValueKind == JsonValueKind.Undefined ? [] : JsonMarshal.GetRawUtf8Value(value));
}
