using System.Buffers;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Diagnostics;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>
/// Entries in a folder. Every entry is a file before it is acknowledged, so the death of the process loses none; the order of use and the
/// bodies in memory begin anew. Thread-safe. Owner: the cache service.
/// </summary>
internal sealed class EntryStore : IDisposable
{
    private const int BlockSize = 64 * 1024;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly EntryIndex _index = new();
    private readonly NumberFile _numbers;
    private readonly ITimer _sweeper;
    private StoreLimits _limits;
    private long _evictions;
    private long _expirations;
    private bool _isClosed;

    /// <exception cref="CacheException">The folder cannot be used.</exception>
    public EntryStore(string folder, StoreLimits limits, TimeProvider time, ILogger logger)
    {
        (_folder, _limits, _time, _logger) = (Path.GetFullPath(folder), limits, time, logger);
        try
        {
            Directory.CreateDirectory(_folder);
            _numbers = new NumberFile(_folder);
            Load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CacheException(CacheError.StorageFailed, $"The folder {_folder} cannot be used: {e.Message}", e);
        }

        _sweeper = time.CreateTimer(static store => ((EntryStore)store!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>Other limits, at once.</summary>
    public void Apply(StoreLimits limits)
    {
        lock (_gate)
        {
            _limits = limits;
            Evict();
        }
    }

    /// <inheritdoc cref="IEntries.PutAsync"/>
    public async Task<Entry> PutAsync(ResourceHead head, Stream body, CancellationToken cancellationToken)
    {
        var limits = _limits;
        ThrowIfTooLarge(head.Length ?? 0, limits);
        using var draft = new Draft(_folder, limits.MemoryThreshold);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            int count;
            while ((count = await ReadAsync(body, buffer.AsMemory(0, BlockSize), cancellationToken)) > 0)
            {
                ThrowIfTooLarge(draft.Size + count, limits);
                await draft.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return head.Length is not { } length || length == draft.Size
            ? Add(head, draft)
            : throw new CacheException(CacheError.SourceFailed, $"{draft.Size} bytes came of {length}; nothing is kept of them.");
    }

    /// <inheritdoc cref="IEntries.FindAsync"/>
    public Entry? Find(string url)
    {
        lock (_gate)
        {
            return Fresh(_index.Find(url))?.Entry;
        }
    }

    /// <summary>Opens an entry, or null when there is none.</summary>
    public (Entry Entry, Stream Body)? Open(long number)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            if (Fresh(_index.Find(number)) is not { } stored)
            {
                return null;
            }

            _index.Use(stored);
            return (stored.Entry, stored.Memory is { } memory ? new MemoryStream(memory, writable: false) : OpenFile(stored.Entry));
        }
    }

    public Entry[] All()
    {
        lock (_gate)
        {
            Expire();
            return _index.All();
        }
    }

    public bool Delete(long number)
    {
        lock (_gate)
        {
            return Fresh(_index.Find(number)) is { } stored && Remove(stored);
        }
    }

    public int Clear()
    {
        lock (_gate)
        {
            Expire();
            var count = _index.Count;
            while (_index.Oldest is { } stored)
            {
                Remove(stored);
            }

            return count;
        }
    }

    public StoreStatistics Statistics()
    {
        lock (_gate)
        {
            Expire();
            return new StoreStatistics(_index.Count, _index.Bytes, _evictions, _expirations);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _sweeper.Dispose();
            _numbers.Dispose();
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

    private static void ThrowIfTooLarge(long size, StoreLimits limits)
    {
        if (size > limits.MaxBytes)
        {
            throw new CacheException(CacheError.TooLarge, $"The cache holds {limits.MaxBytes} bytes in all (--max-bytes); this resource has more.");
        }
    }

    private EntryBody OpenFile(Entry entry)
    {
        try
        {
            var path = EntryFile.PathOf(_folder, entry.Number);
            return new EntryBody(File.OpenHandle(path, share: FileShare.Read | FileShare.Delete, options: FileOptions.Asynchronous), entry.Size);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CacheException(CacheError.StorageFailed, $"The file of entry {entry.Number} cannot be read: {e.Message}", e);
        }
    }

    private Entry Add(ResourceHead head, Draft draft)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            var now = _time.GetUtcNow();
            try
            {
                var entry = new Entry(_numbers.Next(), draft.Size, now, now + _limits.TimeToLive, head);
                _index.Add(new StoredEntry(entry, draft.Complete(entry)));
                Evict();
                return entry;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CacheException(CacheError.StorageFailed, $"An entry could not be written: {e.Message}", e);
            }
        }
    }

    private void Evict()
    {
        while (_index.Oldest is { } oldest && (_index.Count > _limits.MaxEntries || _index.Bytes > _limits.MaxBytes))
        {
            Remove(oldest);
            _evictions++;
        }
    }

    private void Sweep()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                Expire();
            }
        }
    }

    private void Expire()
    {
        foreach (var stored in _index.Expired(_time.GetUtcNow()))
        {
            Remove(stored);
            _expirations++;
        }
    }

    private StoredEntry? Fresh(StoredEntry? stored)
    {
        if (stored is null || stored.Entry.Expires > _time.GetUtcNow())
        {
            return stored;
        }

        Remove(stored);
        _expirations++;
        return null;
    }

    private bool Remove(StoredEntry stored)
    {
        _index.Remove(stored);
        var path = EntryFile.PathOf(_folder, stored.Entry.Number);
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody gets the entry any more; whoever looks after the folder must know that its bytes are still there.
            CacheLog.FileStays(_logger, e, path);
        }

        return true;
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new Messaging.ConnectionLostException("The cache service has ended.");
        }
    }

    private void Load()
    {
        foreach (var draft in Directory.EnumerateFiles(_folder, "*" + EntryFile.DraftExtension))
        {
            File.Delete(draft);
        }

        foreach (var path in Directory.GetFiles(_folder, "*" + EntryFile.Extension).Order(StringComparer.Ordinal))
        {
            if (EntryFile.Read(path) is { } entry)
            {
                _numbers.Raise(entry.Number);
                _index.Add(new StoredEntry(entry, null));
            }
            else
            {
                File.Delete(path);
            }
        }

        Expire();
        Evict();
    }
}
