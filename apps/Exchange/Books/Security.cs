namespace Starling.Apps.Exchange.Books;

/// <summary>What can be traded.</summary>
/// <param name="Symbol">Its name.</param>
/// <param name="Available">Shares in the book, which can be bought.</param>
/// <param name="Listed">All shares there are: those in the book and those that accounts hold.</param>
/// <param name="Price">What a share costs, as it was last listed.</param>
public sealed record Security(string Symbol, long Available, long Listed, decimal Price);
