using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>
/// A body that is coming in: in memory as long as it is small, then in a file. Without <see cref="Complete"/> nothing of it stays. Used by one
/// writer.
/// </summary>
internal sealed class Draft(string folder, StoreLimits limits) : IDisposable
{
    private const int BlockSize = 64 * 1024;

    private readonly string _path = Path.Combine(folder, Guid.NewGuid().ToString("N") + EntryFile.DraftExtension);
    private MemoryStream? _memory = new();
    private SafeFileHandle? _file;

    /// <summary>Bytes so far.</summary>
    public long Size { get; private set; }

    /// <exception cref="CacheException">The resource is too large.</exception>
    public static void ThrowIfTooLarge(long size, StoreLimits limits)
    {
        if (size > limits.MaxBytes)
        {
            throw new CacheException(CacheError.TooLarge, $"The cache holds {limits.MaxBytes} bytes in all (--max-bytes); this resource has more.");
        }
    }

    /// <summary>The error of what could not be written.</summary>
    public static CacheException Unwritable(Exception cause) =>
        new(CacheError.StorageFailed, $"An entry could not be written: {cause.Message}", cause);

    /// <summary>Takes a body to its end.</summary>
    /// <exception cref="CacheException">It broke off, is too large, or cannot be written.</exception>
    public async Task FillAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            int count;
            while ((count = await ReadAsync(body, buffer.AsMemory(0, BlockSize), cancellationToken)) > 0)
            {
                ThrowIfTooLarge(Size + count, limits);
                await WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not Messaging.ConnectionLostException)
        {
            throw Unwritable(e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
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
            if (File.Exists(_path))
            {
                // Deleting fails where the whole folder is gone.
                File.Delete(_path);
            }
        }
    }

    private static async ValueTask<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException e) when (e is not Messaging.ConnectionLostException)
        {
            // Somebody else's failure, and named: not one of this service, to be logged as such.
            throw StreamFailure.Read(e) ?? new CacheException(CacheError.SourceFailed, $"The body broke off: {e.Message}", e);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_memory is not null && Size + bytes.Length <= limits.MemoryThreshold)
        {
            _memory.Write(bytes.Span);
        }
        else
        {
            await RandomAccess.WriteAsync(Spill(), bytes, Size, cancellationToken);
        }

        Size += bytes.Length;
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
