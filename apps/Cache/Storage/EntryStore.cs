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
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly string _path;
    private readonly EntryFolder _folder;
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
        (_path, _limits, _time, _logger) = (Path.GetFullPath(folder), limits, time, logger);
        _folder = new EntryFolder(_path, logger);
        try
        {
            Directory.CreateDirectory(_path);
            _numbers = new NumberFile(_path);
            Load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CacheException(CacheError.StorageFailed, $"The folder {_path} cannot be used: {e.Message}", e);
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
        Draft.ThrowIfTooLarge(head.Length ?? 0, limits);
        using var draft = new Draft(_path, limits);
        await draft.FillAsync(body, cancellationToken);
        return head.Length is not { } length || length == draft.Size
            ? Add(head, draft)
            : throw new CacheException(CacheError.SourceFailed, $"{draft.Size} bytes came of {length}; nothing is kept of them.");
    }

    /// <inheritdoc cref="IEntries.FindAsync"/>
    public Entry? Find(string url)
    {
        lock (_gate)
        {
            if (Fresh(_index.Find(url)) is not { } stored)
            {
                return null;
            }

            _index.Use(stored);
            return stored.Entry;
        }
    }

    /// <summary>The error of an entry that is dropped.</summary>
    public static CacheException Unreadable(Entry entry, string reason, Exception? cause) => new(
        CacheError.StorageFailed, $"The file of entry {entry.Number} cannot be read ({reason}), so the entry is dropped; grab fetches it again.", cause);

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
            return (stored.Entry, stored.Memory is { } memory ? new MemoryStream(memory, writable: false) : OpenFile(stored));
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

    private EntryBody OpenFile(StoredEntry stored)
    {
        try
        {
            return new EntryBody(_folder.Open(stored.Entry), stored.Entry, reason => Drop(stored, reason));
        }
        catch (InvalidDataException e)
        {
            Drop(stored, e.Message);
            throw Unreadable(stored.Entry, e.Message, e);
        }
    }

    /// <summary>An entry that cannot be read must not stand for its address.</summary>
    private void Drop(StoredEntry stored, string reason)
    {
        lock (_gate)
        {
            if (!_isClosed && _index.Find(stored.Entry.Number) == stored)
            {
                CacheLog.EntryDropped(_logger, stored.Entry.Number, stored.Entry.Head.Url, reason);
                Remove(stored);
            }
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
                throw Draft.Unwritable(e);
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
        _folder.Delete(stored.Entry);
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
        foreach (var entry in _folder.Load())
        {
            _numbers.Raise(entry.Number);
            _index.Add(new StoredEntry(entry, null));
        }

        Expire();
        Evict();
    }
}
