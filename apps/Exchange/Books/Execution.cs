namespace Starling.Apps.Exchange.Books;

/// <summary>An order that was carried out.</summary>
/// <param name="Trade">What came of it.</param>
/// <param name="IsRepeat">Whether that was before: the order was sent again.</param>
public sealed record Execution(Trade Trade, bool IsRepeat);
