using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Routing;

/// <summary>Figures of the whole; hits, misses and fetches since main started.</summary>
/// <param name="Hits">Asked for and there.</param>
/// <param name="Misses">Asked for and not there.</param>
/// <param name="Fetched">Resources fetched and kept.</param>
/// <param name="Failed">Fetches that failed.</param>
/// <param name="Shared">Grabs that shared the fetch of another.</param>
/// <param name="Fetching">Fetches under way.</param>
/// <param name="Queued">Fetches that wait for their turn.</param>
/// <param name="Store">Figures of the cache service; null while it is away.</param>
/// <param name="Services">The services.</param>
internal sealed record CacheStatistics(
    long Hits, long Misses, long Fetched, long Failed, long Shared, int Fetching, int Queued, StoreStatistics? Store, IReadOnlyList<ServiceState> Services);
