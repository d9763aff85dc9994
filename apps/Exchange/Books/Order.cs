namespace Starling.Apps.Exchange.Books;

/// <summary>What an account wants to buy from the book or sell to it.</summary>
/// <param name="Account">Who.</param>
/// <param name="Symbol">What.</param>
/// <param name="IsBuy">Whether it is to be bought.</param>
/// <param name="Shares">How many.</param>
/// <param name="Id">
/// The account's own name for the order, by which it may be sent again: it is carried out once, whatever comes of it. Null: it is a new one whenever it comes.
/// </param>
public sealed record Order(string Account, string Symbol, bool IsBuy, long Shares, string? Id = null)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(IsBuy ? "BUY" : "SELL")} {Symbol} {Shares}");
}
