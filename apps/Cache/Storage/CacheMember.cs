using System.Runtime.CompilerServices;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>The cache service, as one connection sees it. Thread-safe.</summary>
internal sealed class CacheMember(MemberOptions options, SharedStore shared) : Member(options), IEntries
{
    private EntryStore? _store;

    private EntryStore Store => _store ?? throw new CacheException(CacheError.NotJoined, "The cache service has not joined.");

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

    public override void Dispose() => _store = null;

    protected override void Begin(MemberSettings settings) => _store = shared.Open(settings.Store);
}
