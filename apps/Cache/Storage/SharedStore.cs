using Microsoft.Extensions.Logging;

namespace Starling.Apps.Cache.Storage;

/// <summary>The store of a cache service, which outlives the service's connections with main. Thread-safe.</summary>
internal sealed class SharedStore(string folder, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private EntryStore? _store;
    private bool _isDisposed;

    /// <summary>Opens it, or tells the open one its limits.</summary>
    /// <exception cref="CacheException">The folder cannot be used.</exception>
    public EntryStore Open(StoreLimits limits)
    {
        lock (_gate)
        {
            // Who joins late must not open it again, for nobody would close it.
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_store is { } store)
            {
                store.Apply(limits);
                return store;
            }

            return _store = new EntryStore(folder, limits, time, logger);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _store?.Dispose();
        }
    }
}
