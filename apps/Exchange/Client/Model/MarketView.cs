namespace Starling.Apps.Exchange.Client.Model;

/// <summary>The market at one moment.</summary>
/// <param name="Listings">By symbol.</param>
/// <param name="Trades">The latest first.</param>
/// <param name="Cash">What the own sales brought less what the purchases cost; null before it is known.</param>
internal sealed record MarketView(IReadOnlyList<Listing> Listings, IReadOnlyList<FeedTrade> Trades, decimal? Cash);
