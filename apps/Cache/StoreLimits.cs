namespace Starling.Apps.Cache;

/// <summary>What is kept.</summary>
public sealed record StoreLimits
{
    /// <summary>How long an entry is kept: one hour.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many entries are kept: 1,000. The one that was not used for longest goes.</summary>
    public int MaxEntries { get; init; } = 1000;

    /// <summary>How many bytes all entries together have: 8 GiB. The one that was not used for longest goes.</summary>
    public long MaxBytes { get; init; } = 8L << 30;

    /// <summary>Up to how many bytes a body is also held in memory, so that reading it needs no file: 64 KiB.</summary>
    public int MemoryThreshold { get; init; } = 64 * 1024;
}
