namespace Starling.Apps.Exchange.Client.Model;

/// <summary>A trade that the feed told of.</summary>
internal sealed record FeedTrade(long Id, string Symbol, bool IsBuy, long Shares, decimal Price, DateTimeOffset At);
