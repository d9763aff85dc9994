using System.Globalization;

namespace Starling.Apps.Exchange.Client;

/// <summary>An order that was carried out.</summary>
/// <param name="Id">The trade's number.</param>
/// <param name="Symbol">What was traded.</param>
/// <param name="IsBuy">Whether it was bought.</param>
/// <param name="Shares">How many shares.</param>
/// <param name="Price">At what price a share.</param>
/// <param name="Holding">What the account holds of it now.</param>
public sealed record Fill(long Id, string Symbol, bool IsBuy, long Shares, decimal Price, long Holding)
{
    // ID BOUGHT|SOLD N SYMBOL AT PRICE HOLDING M
    internal static Fill Read(string answer)
    {
        var words = answer.Split(' ');
        return words is [var id, var verb, var shares, var symbol, "AT", var price, "HOLDING", var holding]
            ? new Fill(Whole(id), symbol, verb == "BOUGHT", Whole(shares), decimal.Parse(price, CultureInfo.InvariantCulture), Whole(holding))
            : throw new IOException($"That is no answer to an order: '{answer}'.");
    }

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
