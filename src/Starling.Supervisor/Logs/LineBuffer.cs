using System.Buffers;

namespace Starling.Supervisor.Logs;

/// <summary>Puts bytes together to lines. A line that is too long is cut into several, between characters. Not safe for use by several threads.</summary>
internal sealed class LineBuffer
{
    /// <summary>Longest line, in bytes.</summary>
    public const int LongestLine = 64 << 10;

    private byte[] _part = [];
    private int _length;

    /// <summary>Takes the next line, without its end, from the front of the bytes; false when the rest has none (it is kept then). The line is valid until the next call.</summary>
    public bool TryTake(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (bytes.IsEmpty)
        {
            return false;
        }

        var room = LongestLine - _length;
        var end = bytes[..Math.Min(bytes.Length, room + 1)].IndexOf((byte)'\n');
        if (end >= 0)
        {
            line = Joined(bytes[..end]);
            bytes = bytes[(end + 1)..];
            return true;
        }

        if (bytes.Length <= room)
        {
            Keep(bytes);
            bytes = default;
            return false;
        }

        var cut = Boundary(bytes, room);
        line = Joined(bytes[..cut]);
        bytes = bytes[cut..];
        return true;
    }

    /// <summary>Takes what is left without an end; false when nothing is.</summary>
    public bool TryTakeRest(out ReadOnlySpan<byte> line)
    {
        line = _part.AsSpan(0, _length);
        _length = 0;
        return line.Length > 0;
    }

    /// <summary>Gives its memory back.</summary>
    public void Clear()
    {
        if (_part.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_part);
        }

        (_part, _length) = ([], 0);
    }

    private static int Boundary(ReadOnlySpan<byte> bytes, int room)
    {
        var cut = room;
        while (cut > 0 && cut > room - 4 && (bytes[cut] & 0xC0) == 0x80)
        {
            cut--;
        }

        return cut > 0 && (bytes[cut] & 0xC0) != 0x80 ? cut : room;
    }

    private ReadOnlySpan<byte> Joined(ReadOnlySpan<byte> bytes)
    {
        if (_length == 0)
        {
            return bytes;
        }

        Keep(bytes);
        var line = _part.AsSpan(0, _length);
        _length = 0;
        return line;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_part.Length < _length + bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_length + bytes.Length);
            _part.AsSpan(0, _length).CopyTo(larger);
            var length = _length;
            Clear();
            (_part, _length) = (larger, length);
        }

        bytes.CopyTo(_part.AsSpan(_length));
        _length += bytes.Length;
    }
}
