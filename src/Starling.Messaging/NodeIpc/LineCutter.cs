namespace Starling.Messaging.NodeIpc;

/// <summary>Cuts what comes from a stream into lines, wherever the pieces begin and end. Used by one loop.</summary>
internal sealed class LineCutter(int maxLineBytes)
{
    private const int LeastRoom = 16 * 1024;
    private const int KeptBytes = 1024 * 1024;

    private byte[] _bytes = new byte[2 * LeastRoom];
    private int _start;
    private int _scanned;
    private int _end;
    private bool _isSkipping;

    /// <summary>Where the next bytes are to be put; then say <see cref="Added"/>.</summary>
    public Memory<byte> Room()
    {
        if (_start == _end)
        {
            _start = _scanned = _end = 0;
            if (_bytes.Length > KeptBytes)
            {
                // One long message is no reason to keep its room for the life of the channel.
                _bytes = new byte[2 * LeastRoom];
            }
        }

        if (_bytes.Length - _end < LeastRoom)
        {
            MakeRoom();
        }

        return _bytes.AsMemory(_end);
    }

    public void Added(int count) => _end += count;

    /// <summary>Takes the next line, without its end, valid until <see cref="Room"/> is called.</summary>
    /// <param name="line">The line; empty when it is too long.</param>
    /// <param name="isTooLong">Whether the line is longer than it may be. It is told once; the rest of the line is skipped.</param>
    public bool TryTake(out ReadOnlyMemory<byte> line, out bool isTooLong)
    {
        (line, isTooLong) = (default, false);
        var index = _bytes.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
        var length = (index < 0 ? _end : _scanned + index) - _start;
        if (_isSkipping || length > maxLineBytes)
        {
            isTooLong = !_isSkipping;
            _isSkipping = index < 0;
            _start = _scanned = index < 0 ? _end : _scanned + index + 1;
            return isTooLong || (index >= 0 && TryTake(out line, out isTooLong));
        }

        if (index < 0)
        {
            _scanned = _end;
            return false;
        }

        line = _bytes.AsMemory(_start, length);
        _start = _scanned = _start + length + 1;
        return true;
    }

    private void MakeRoom()
    {
        var length = _end - _start;
        var target = length > _bytes.Length / 2 ? new byte[_bytes.Length * 2] : _bytes;
        _bytes.AsSpan(_start, length).CopyTo(target);
        _bytes = target;
        _scanned -= _start;
        _start = 0;
        _end = length;
    }
}
