namespace Starling.Apps.Cache;

/// <summary>How sources are fetched.</summary>
public sealed record FetchLimits
{
    /// <summary>Largest resource: 2 GiB.</summary>
    public long MaxSize { get; init; } = 2L << 30;

    /// <summary>Longest wait for a connection and the header of an answer, and longest silence in the midst of a body: 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time of a fetch from its beginning to its end: 15 min. Ends sources that send a byte now and then.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How many redirects are followed: 5.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Whether sources may be at private, local and other addresses that are not public: no.</summary>
    public bool AllowPrivate { get; init; }
}
