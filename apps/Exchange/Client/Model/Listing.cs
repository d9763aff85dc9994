namespace Starling.Apps.Exchange.Client.Model;

/// <summary>What a client knows of a security.</summary>
/// <param name="Symbol">Its name.</param>
/// <param name="Available">Shares left in the book.</param>
/// <param name="Price">The last price.</param>
/// <param name="StartPrice">The price when the client first saw it.</param>
/// <param name="LastTrade">When the client last heard of a trade.</param>
/// <param name="Held">What the own account holds.</param>
internal sealed record Listing(string Symbol, long Available, decimal Price, decimal StartPrice, DateTimeOffset? LastTrade, long Held)
{
    /// <summary>How the price has changed since the client first saw it, in percent.</summary>
    public decimal Change => StartPrice == 0 ? 0 : (Price - StartPrice) / StartPrice * 100;
}
