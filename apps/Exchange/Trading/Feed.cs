using System.Globalization;
using System.Text;
using Starling.Apps.Exchange.Books;
using Starling.Messaging.Multicast;

namespace Starling.Apps.Exchange.Trading;

/// <summary>Tells everybody of listings and trades, one line of text for each. Who traded is nobody's business.</summary>
internal sealed class Feed(MulticastPublisher publisher)
{
    /// <summary><c>LISTED SYMBOL AVAILABLE PRICE</c>.</summary>
    public ValueTask ListedAsync(Security security) => PublishAsync(
        string.Create(CultureInfo.InvariantCulture, $"LISTED {security.Symbol} {security.Available} {security.Price}"));

    /// <summary><c>TRADED ID SYMBOL BUY|SELL SHARES PRICE</c>.</summary>
    public ValueTask TradedAsync(Trade trade) => PublishAsync(
        string.Create(CultureInfo.InvariantCulture, $"TRADED {trade.Id} {trade.Symbol} {(trade.IsBuy ? "BUY" : "SELL")} {trade.Shares} {trade.Price}"));

    private async ValueTask PublishAsync(string line)
    {
        try
        {
            await publisher.PublishAsync(Encoding.UTF8.GetBytes(line));
        }
        catch (ObjectDisposedException)
        {
            // The exchange closes. The books have it, and who asked is told.
        }
    }
}
