using Microsoft.Win32.SafeHandles;

namespace Starling.Server.Channels.History;

/// <summary>A history on a disk. Other processes cannot open the file meanwhile.</summary>
internal sealed class FileStorage : IHistoryStorage
{
    private string _path;
    private readonly SafeFileHandle _handle;
    private bool _isTemporary;

    private FileStorage(string path, SafeFileHandle handle, bool isTemporary)
    {
        _path = path;
        _handle = handle;
        _isTemporary = isTemporary;
    }

    public string Name => _path;

    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Opens or creates a file, and its folder.</summary>
    /// <exception cref="IOException">It cannot be opened, or another process has it open.</exception>
    public static FileStorage Open(string path) => Guard(path, () =>
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        return new FileStorage(path, OpenHandle(path, FileMode.OpenOrCreate), isTemporary: false);
    });

    public int Read(Span<byte> bytes, long position)
    {
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(_handle, bytes[read..], position + read) is > 0 and var count)
        {
            read += count;
        }

        return read;
    }

    public void Write(ReadOnlySpan<byte> bytes, long position) => RandomAccess.Write(_handle, bytes, position);

    public void SetLength(long length) => RandomAccess.SetLength(_handle, length);

    public void Flush() => RandomAccess.FlushToDisk(_handle);

    public IHistoryStorage CreateReplacement()
    {
        var path = _path + ".new";
        return Guard(path, () => new FileStorage(path, OpenHandle(path, FileMode.Create), isTemporary: true));
    }

    public void Replace(IHistoryStorage replacement)
    {
        var next = (FileStorage)replacement;
        Guard(_path, () =>
        {
            // Without it, a power failure could leave the new name with content that never reached the disk.
            next.Flush();
            File.Move(next._path, _path, overwrite: true);
            next._path = _path;
            return next._isTemporary = false;
        });
    }

    public string SetAside()
    {
        var path = $"{_path}.damaged-{Guid.NewGuid():N}";
        return Guard(path, () =>
        {
            using var copy = new FileStream(path, FileMode.CreateNew);
            var buffer = new byte[64 * 1024];
            for (var position = 0L; Read(buffer, position) is > 0 and var count; position += count)
            {
                copy.Write(buffer, 0, count);
            }

            return path;
        });
    }

    public void Dispose()
    {
        _handle.Dispose();
        if (_isTemporary)
        {
            try
            {
                File.Delete(_path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The next replacement overwrites it.
            }
        }
    }

    private static SafeFileHandle OpenHandle(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.None);

    private static T Guard<T>(string path, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"'{path}' cannot be written: {exception.Message}", exception);
        }
    }
}
