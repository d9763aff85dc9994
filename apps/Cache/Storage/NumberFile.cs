using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Starling.Apps.Cache.Storage;

/// <summary>
/// The last number that was given, on the disk: the entry that had it may be deleted before the service dies, and its number must not
/// come again. Locked, so that a folder has one owner. Used under the lock of <see cref="EntryStore"/>.
/// </summary>
internal sealed class NumberFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private long _last;

    public NumberFile(string folder)
    {
        var path = Path.Combine(folder, "last-number");
        try
        {
            _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new CacheException(CacheError.StorageFailed, $"The folder {folder} cannot be used; another cache may use it: {e.Message}", e);
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        _last = RandomAccess.Read(_file, bytes, 0) == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;
    }

    /// <summary>A number that was not given before.</summary>
    public long Next()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, _last + 1);
        RandomAccess.Write(_file, bytes, 0);
        return ++_last;
    }

    /// <summary>This number was given, whatever the file says.</summary>
    public void Raise(long number) => _last = Math.Max(_last, number);

    public void Dispose() => _file.Dispose();
}
