namespace Starling.Apps.Ticker;

/// <summary>Where quotes come from. Thread-safe.</summary>
public interface IQuoteSource
{
    /// <summary>The symbols that it knows.</summary>
    IReadOnlyList<Symbol> Symbols { get; }

    /// <summary>The quote of a symbol now.</summary>
    /// <param name="symbol">The code of one of <see cref="Symbols"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The quote.</returns>
    /// <exception cref="QuoteUnavailableException">The source cannot tell now.</exception>
    ValueTask<Quote> GetAsync(string symbol, CancellationToken cancellationToken);
}
