using Microsoft.Win32.SafeHandles;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>
/// A body that is coming in: in memory as long as it is small, then in a file. Without <see cref="Complete"/> nothing of it stays. Used by one
/// writer.
/// </summary>
internal sealed class Draft(string folder, int memoryThreshold) : IDisposable
{
    private readonly string _path = Path.Combine(folder, Guid.NewGuid().ToString("N") + EntryFile.DraftExtension);
    private MemoryStream? _memory = new();
    private SafeFileHandle? _file;

    /// <summary>Bytes so far.</summary>
    public long Size { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_memory is not null && Size + bytes.Length <= memoryThreshold)
        {
            _memory.Write(bytes.Span);
        }
        else
        {
            await RandomAccess.WriteAsync(Spill(), bytes, Size, cancellationToken);
        }

        Size += bytes.Length;
    }

    /// <summary>Makes the file of an entry of it.</summary>
    /// <returns>The body, if it is small enough to be held in memory.</returns>
    public byte[]? Complete(Entry entry)
    {
        var memory = _memory?.ToArray();
        var file = Spill();
        RandomAccess.Write(file, EntryFile.End(entry), Size);
        file.Dispose();
        File.Move(_path, EntryFile.PathOf(folder, entry.Number));
        _file = null;
        return memory;
    }

    public void Dispose()
    {
        _memory = null;
        if (_file is not null)
        {
            _file.Dispose();
            File.Delete(_path);
        }
    }

    private SafeFileHandle Spill()
    {
        if (_file is null)
        {
            _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
            RandomAccess.Write(_file, _memory!.GetBuffer().AsSpan(0, (int)_memory.Length), 0);
            _memory = null;
        }

        return _file;
    }
}
