using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>The cache service. Thread-safe.</summary>
internal sealed class CacheMember(string folder, TimeProvider time, ILogger logger) : Member, IEntries
{
    private EntryStore? _store;

    private EntryStore Store => _store ?? throw new CacheException(CacheError.NotJoined, "The cache service has not been told its limits yet.");

    public Task<Entry> PutAsync(ResourceHead head, Stream body, CancellationToken cancellationToken) => Store.PutAsync(head, body, cancellationToken);

    public Task<Entry?> FindAsync(string url, CancellationToken cancellationToken) => Task.FromResult(Store.Find(url));

    public Task<Stream> OpenAsync(long number, CancellationToken cancellationToken) => Store.Open(number) is { } opened
        ? Task.FromResult<Stream>(HeadedStream.Create(opened.Entry, opened.Body))
        : throw new CacheException(CacheError.NoEntry, $"There is no entry {number}; list shows which there are.");

    public async IAsyncEnumerable<Entry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in Store.All())
        {
            yield return entry;
        }

        await ValueTask.CompletedTask;
    }

    public Task<bool> DeleteAsync(long number, CancellationToken cancellationToken) => Task.FromResult(Store.Delete(number));

    public Task<int> ClearAsync(CancellationToken cancellationToken) => Task.FromResult(Store.Clear());

    public Task<StoreStatistics> StatisticsAsync(CancellationToken cancellationToken) => Task.FromResult(Store.Statistics());

    public override ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _store, null)?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override void Begin(MemberSettings settings)
    {
        if (_store is { } store)
        {
            store.Apply(settings.Store);
        }
        else
        {
            _store = new EntryStore(folder, settings.Store, time, logger);
        }
    }
}
