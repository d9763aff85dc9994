namespace Starling.Apps.Ticker;

/// <summary>Settings of quotes that come over HTTP.</summary>
public sealed class HttpQuoteOptions
{
    /// <summary>
    /// Where a symbol's quote is; <c>{symbol}</c> stands for its code. It must answer with a JSON object: <c>last</c>, <c>previousClose</c>,
    /// <c>bid</c>, <c>ask</c>, <c>high</c>, <c>low</c>, <c>volume</c>, <c>time</c>. Null for the simulated market.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>The codes that can be picked.</summary>
    public IList<string> Symbols { get; } = [];

    /// <summary>How long one attempt may take. 3 seconds by default.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often an attempt that failed is made again. Twice by default.</summary>
    public int Retries { get; set; } = 2;

    /// <summary>How long to wait before the first repetition; each further one waits twice as long. 200 ms by default.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>For how long the source is left alone when most attempts fail. 10 seconds by default.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most requests per second. 10 by default.</summary>
    public int RequestsPerSecond { get; set; } = 10;
}
