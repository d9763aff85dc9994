namespace Starling.Apps.Exchange.Books;

/// <summary>Shares that changed hands between the book and an account.</summary>
/// <param name="Id">Its number; grows by one with each trade.</param>
/// <param name="Account">Who traded.</param>
/// <param name="Symbol">What.</param>
/// <param name="IsBuy">Whether the account bought from the book; otherwise it sold to it.</param>
/// <param name="Shares">How many.</param>
/// <param name="Price">At what price a share.</param>
/// <param name="Holding">What the account holds of it afterwards.</param>
public sealed record Trade(long Id, string Account, string Symbol, bool IsBuy, long Shares, decimal Price, long Holding);
