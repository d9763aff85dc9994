using Starling.Messaging;

namespace Starling.Apps.Cache.Links;

/// <summary>Holds entries. What was acknowledged outlives the death of the service.</summary>
[RpcService("entries")]
internal interface IEntries
{
    /// <summary>Keeps a resource once its body has come to its end; one that breaks off leaves nothing behind.</summary>
    Task<Entry> PutAsync(ResourceHead head, Stream body, CancellationToken cancellationToken);

    /// <summary>The newest entry of an address, or null.</summary>
    Task<Entry?> FindAsync(string url, CancellationToken cancellationToken);

    /// <summary>Opens an entry. It can be read to its end even if it is deleted or evicted meanwhile.</summary>
    /// <returns>A <see cref="HeadedStream"/> of an <see cref="Entry"/> and the body.</returns>
    /// <exception cref="CacheException">There is none.</exception>
    Task<Stream> OpenAsync(long number, CancellationToken cancellationToken);

    /// <summary>All entries by number.</summary>
    IAsyncEnumerable<Entry> ListAsync(CancellationToken cancellationToken);

    /// <summary>Deletes an entry.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> DeleteAsync(long number, CancellationToken cancellationToken);

    /// <summary>Deletes all entries.</summary>
    /// <returns>How many there were.</returns>
    Task<int> ClearAsync(CancellationToken cancellationToken);

    /// <summary>Figures.</summary>
    Task<StoreStatistics> StatisticsAsync(CancellationToken cancellationToken);
}
