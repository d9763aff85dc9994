using Microsoft.Win32.SafeHandles;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Logs;

/// <summary>
/// A log file that is put aside when it is too large or too old. Only whole lines are in it: what a full disk tears is cut off again, and what the end of a
/// former writer tore gets an end. Not safe for use by several threads.
/// </summary>
internal sealed class RotatingFile : IDisposable
{
    private static readonly TimeSpan RotationRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ExistenceCheck = TimeSpan.FromSeconds(1);
    private readonly string _path;
    private readonly LogConfig _config;
    private readonly TimeProvider _time;
    private readonly Compression _compression;
    private readonly FileOwner _owner;
    private SafeFileHandle? _file;
    private string? _opened;
    private DateTimeOffset _born;
    private DateTimeOffset _notBefore;
    private long _checked;
    private long _number;

    public RotatingFile(string path, LogConfig config, FileOwner owner, TimeProvider time, Compression compression)
    {
        _path = path;
        _owner = owner;
        _config = config;
        _time = time;
        _compression = compression;
    }

    /// <summary>Writes whole lines, each with its end.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="written">Bytes of those that are in the file now, also when it throws.</param>
    /// <exception cref="IOException">The rest could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Write(ReadOnlySpan<byte> lines, out int written)
    {
        written = 0;
        using var scope = _owner.Enter();
        while (written < lines.Length)
        {
            var file = Open();

            // Asked each time: the file may have been cut short from outside.
            var size = RandomAccess.GetLength(file);
            var rest = lines[written..];
            var first = rest.IndexOf((byte)'\n') + 1;
            if (size > 0 && IsFull(size, first))
            {
                PutAside();
                continue;
            }

            var room = _config.MaxSize > 0 && _time.GetUtcNow() >= _notBefore ? Math.Max(_config.MaxSize - size, 0) : rest.Length;
            var length = room >= rest.Length ? rest.Length : Math.Max(rest[..(int)room].LastIndexOf((byte)'\n') + 1, first);
            WriteWhole(file, rest[..length], size, ref written);
        }
    }

    /// <summary>Closes the file; the next write opens it anew, under its name.</summary>
    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Empties the file and removes those put aside.</summary>
    public void Empty()
    {
        using var scope = _owner.Enter();
        foreach (var (path, _) in PutAsideFiles.Of(_path))
        {
            File.Delete(path);
        }

        if (File.Exists(_path))
        {
            RandomAccess.SetLength(Open(), 0);
            _born = _time.GetUtcNow();
        }
    }

    public void Dispose() => Close();

    private static void WriteWhole(SafeFileHandle file, ReadOnlySpan<byte> lines, long at, ref int written)
    {
        try
        {
            RandomAccess.Write(file, lines, at);
            written += lines.Length;
        }
        catch (IOException)
        {
            var part = (int)Math.Clamp(RandomAccess.GetLength(file) - at, 0, lines.Length);
            var whole = lines[..part].LastIndexOf((byte)'\n') + 1;
            if (whole < part)
            {
                RandomAccess.SetLength(file, at + whole);
            }

            written += whole;
            throw;
        }
    }

    private bool IsFull(long size, int next)
    {
        var now = _time.GetUtcNow();
        return now >= _notBefore
            && ((_config.MaxSize > 0 && size + next > _config.MaxSize) || (_config.MaxAge is { } age && now - _born >= age));
    }

    private SafeFileHandle Open()
    {
        if (_file is not null && _time.GetElapsedTime(_checked) > ExistenceCheck)
        {
            _checked = _time.GetTimestamp();
            if (!File.Exists(_path) || OpenFiles.PathOf(_file) != _opened)
            {
                // It was removed, or put aside by another program that may have made a new one: lines would be lost, or stand in the wrong file.
                Close();
            }
        }

        if (_file is not null)
        {
            return _file;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_path) ?? throw new IOException($"'{_path}' is a folder, and not a file to write to."));
        var file = OpenFile();
        try
        {
            _opened = OpenFiles.PathOf(file);
            var size = RandomAccess.GetLength(file);
            _born = size > 0 ? new DateTimeOffset(File.GetCreationTimeUtc(file)) : _time.GetUtcNow();
            _number = PutAsideFiles.Of(_path) is [.., var last] ? last.Number : 0;
            EndLine(file, size);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _checked = _time.GetTimestamp();
        _file = file;
        return file;
    }

    private SafeFileHandle OpenFile()
    {
        try
        {
            return _owner.OpenToWrite(_path);
        }
        catch (UnauthorizedAccessException) when (_owner.IsOther && File.Exists(_path))
        {
            // It was made by root, in a folder of the user, by a former version.
            File.Move(_path, PutAsideFiles.Name(_path, _time.GetLocalNow(), (PutAsideFiles.Of(_path) is [.., var last] ? last.Number : 0) + 1));
            return _owner.OpenToWrite(_path);
        }
    }

    private static void EndLine(SafeFileHandle file, long size)
    {
        Span<byte> last = stackalloc byte[1];
        if (size > 0 && RandomAccess.Read(file, last, size - 1) == 1 && last[0] != (byte)'\n')
        {
            RandomAccess.Write(file, "\n"u8, size);
        }
    }

    private void PutAside()
    {
        try
        {
            var aside = PutAsideFiles.Name(_path, _time.GetLocalNow(), _number + 1);
            File.Move(_path, aside);
            _number++;
            Close();
            _compression.Tidy(_path, _owner, _config.Keep, _config.Compress);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Better a file that is too large than lines that are lost; tried again later.
            _notBefore = _time.GetUtcNow() + RotationRetry;
        }
    }
}
