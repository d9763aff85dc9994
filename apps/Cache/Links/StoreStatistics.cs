namespace Starling.Apps.Cache.Links;

/// <summary>Figures of the cache service; what is counted is counted since it started.</summary>
internal sealed record StoreStatistics(int Entries, long Bytes, long Evictions, long Expirations);
