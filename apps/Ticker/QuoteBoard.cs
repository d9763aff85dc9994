using System.Collections.Concurrent;
using Starling.Server.Channels;

namespace Starling.Apps.Ticker;

/// <summary>
/// Asks the source on behalf of all clients: quotes of the same moment are shared, the last known one is kept for while the source fails.
/// Thread-safe.
/// </summary>
internal sealed class QuoteBoard(IQuoteSource source, TimeProvider time)
{
    /// <summary>How often clients should ask.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const int TargetPollsPerSecond = 1_000;

    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(800);

    private readonly PollAdvisor _polls = new(Interval, TargetPollsPerSecond, time);
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public IReadOnlyList<Symbol> Symbols => source.Symbols;

    public bool IsKnown(string symbol) => source.Symbols.Any(known => known.Code == symbol);

    /// <summary>The quote of a known symbol, or the last one and why there is no newer.</summary>
    public async Task<QuoteAnswer> GetAsync(string symbol, CancellationToken cancellationToken)
    {
        var entry = _entries.GetOrAdd(symbol, static _ => new Entry());
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            if (entry.Quote is null || time.GetElapsedTime(entry.FetchedAt) >= Freshness)
            {
                entry.Quote = await source.GetAsync(symbol, cancellationToken);
                entry.FetchedAt = time.GetTimestamp();
            }

            return new QuoteAnswer(entry.Quote, Error: null, _polls.AfterSuccess());
        }
        catch (QuoteUnavailableException exception)
        {
            return new QuoteAnswer(entry.Quote, exception.Message, _polls.AfterError());
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public Quote? Quote { get; set; }

        public long FetchedAt { get; set; }
    }
}
