using System.Globalization;
using System.Text.RegularExpressions;

namespace Starling.Apps.Exchange.Books;

/// <summary>How symbols, numbers of shares, prices and names are written.</summary>
internal static partial class OrderRules
{
    public const long MaxShares = 1_000_000_000_000;
    private const long PriceLimit = 1_000_000_000;

    /// <exception cref="ExchangeException">It is no symbol.</exception>
    public static string Symbol(string text)
    {
        var symbol = text.ToUpperInvariant();
        return SymbolForm().IsMatch(symbol)
            ? symbol
            : throw new ExchangeException("bad-symbol", $"'{text}' is no symbol; one is 1 to 10 letters, digits and dots and begins with a letter.");
    }

    /// <exception cref="ExchangeException">It is no number of shares.</exception>
    public static long Shares(string text) =>
        text.All(char.IsAsciiDigit) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var shares) && shares is > 0 and <= MaxShares
            ? shares
            : throw new ExchangeException("bad-number", $"'{text}' is no number of shares; it must be whole, and 1 to {MaxShares}.");

    /// <exception cref="ExchangeException">It is no price.</exception>
    public static decimal Price(string text) =>
        text.All(c => char.IsAsciiDigit(c) || c == '.')
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price)
            && price > 0 && price < PriceLimit && price.Scale <= 4
            ? price
            : throw new ExchangeException("bad-price", $"'{text}' is no price; it must be greater than 0, less than {PriceLimit} and have at most four decimals, such as 12.50.");

    /// <exception cref="ExchangeException">It cannot name an account.</exception>
    public static string AccountName(string text) => NameForm().IsMatch(text)
        ? text
        : throw new ExchangeException("bad-name", $"'{text}' cannot name an account; a name is 1 to 32 letters, digits, dots, dashes and underscores.");

    /// <exception cref="ExchangeException">It cannot be the id of an order.</exception>
    public static string OrderId(string text) => OrderIdForm().IsMatch(text)
        ? text
        : throw new ExchangeException("bad-order-id", "The id of an order is 1 to 64 letters, digits, dots, dashes and underscores.");

    [GeneratedRegex(@"^[A-Z][A-Z0-9.]{0,9}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SymbolForm();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex OrderIdForm();
}
