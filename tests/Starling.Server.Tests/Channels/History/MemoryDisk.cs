using Starling.Server.Channels.History;

namespace Starling.Server.Tests.Channels.History;

/// <summary>A history in memory, whose writes can be made to fail, and which can be cut like a file after a power failure.</summary>
internal sealed class MemoryDisk : IHistoryStorage
{
    private readonly MemoryDisk _disk;
    private Name _name = new();

    public MemoryDisk() => _disk = this;

    private MemoryDisk(MemoryDisk disk) => _disk = disk;

    string IHistoryStorage.Name => "memory";

    /// <summary>The number of operations that still succeed; the next one writes half of its bytes and fails, and so do all after it.</summary>
    public int Operations { get; set; } = int.MaxValue;

    public byte[] Content
    {
        get => _name.Content.ToArray();
        set
        {
            _name.Content = new MemoryStream();
            _name.Content.Write(value);
        }
    }

    public long Length => _name.Content.Length;

    public int Read(Span<byte> bytes, long position)
    {
        _name.Content.Position = position;
        return _name.Content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
    }

    public void Write(ReadOnlySpan<byte> bytes, long position)
    {
        _name.Content.Position = position;
        _name.Content.Write(_disk.Operations <= 0 ? bytes[..(bytes.Length / 2)] : bytes);
        Count();
    }

    public void SetLength(long length)
    {
        Count();
        _name.Content.SetLength(length);
    }

    public void Flush() => Count();

    public IHistoryStorage CreateReplacement()
    {
        Count();
        return new MemoryDisk(_disk);
    }

    public void Replace(IHistoryStorage replacement)
    {
        Count();
        var next = (MemoryDisk)replacement;
        _name.Content = next._name.Content;
        next._name = _name;
    }

    public string SetAside() => "copy";

    public void Dispose()
    {
        // The content stays, as that of a file does.
    }

    private void Count()
    {
        if (_disk.Operations <= 0)
        {
            throw new IOException("The disk is full.");
        }

        _disk.Operations = _disk.Operations == int.MaxValue ? int.MaxValue : _disk.Operations - 1;
    }

    private sealed class Name
    {
        public MemoryStream Content { get; set; } = new();
    }
}
