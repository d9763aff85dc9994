using System.Globalization;
using Starling.Apps.Exchange.Books;

namespace Starling.Apps.Exchange.Client.Model;

/// <summary>
/// What a client knows: the books as the exchange last told them, and the news since. News may overtake each other and the books; a trade's
/// number tells whether the books contain it. Thread-safe.
/// </summary>
internal sealed class Market(TimeProvider time)
{
    private const int MaxTrades = 1000;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Listing> _listings = new(StringComparer.Ordinal);
    private readonly LinkedList<FeedTrade> _trades = [];
    private long _contained;
    private decimal? _cash;

    /// <summary>What is known now.</summary>
    public MarketView View()
    {
        lock (_gate)
        {
            return new MarketView([.. _listings.Values], [.. _trades.Take(100)], _cash);
        }
    }

    /// <summary>Takes the books in: <c>LAST-TRADE SYMBOL=AVAILABLE@PRICE …</c>, <c>SYMBOL=SHARES …</c> and the cash.</summary>
    /// <exception cref="FormatException">They are not written so.</exception>
    public void Take(string listings, string holdings, string cash)
    {
        var words = listings.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var contained = Whole(words.FirstOrDefault() ?? "");
        var held = holdings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Pair).ToDictionary(pair => pair.Name, pair => Whole(pair.Value));
        lock (_gate)
        {
            _contained = contained;
            _cash = decimal.Parse(cash, CultureInfo.InvariantCulture);
            foreach (var (symbol, value) in words.Skip(1).Select(Pair))
            {
                var (available, price) = value.Split('@') is [var left, var right]
                    ? (Whole(left), decimal.Parse(right, CultureInfo.InvariantCulture)) : throw new FormatException($"'{value}' is no listing.");
                var newer = _trades.Where(trade => trade.Id > contained && trade.Symbol == symbol).Sum(trade => trade.IsBuy ? -trade.Shares : trade.Shares);
                Put(symbol, available + newer, price, held.GetValueOrDefault(symbol));
            }
        }
    }

    /// <summary>Takes a line of the feed in. What is no news of an exchange is left alone: anybody may send to a multicast group.</summary>
    /// <returns>Whether it was news.</returns>
    public bool Take(string line)
    {
        try
        {
            switch (line.Split(' '))
            {
                case ["LISTED", var symbol, var available, var price]:
                    Listed(OrderRules.Symbol(symbol), Whole(available), OrderRules.Price(price));
                    return true;
                case ["TRADED", var id, var symbol, ("BUY" or "SELL") and var side, var shares, var price]:
                    Traded(new FeedTrade(Whole(id), OrderRules.Symbol(symbol), side == "BUY", OrderRules.Shares(shares), OrderRules.Price(price), time.GetUtcNow()));
                    return true;
                default:
                    return false;
            }
        }
        catch (Exception exception) when (exception is FormatException or ExchangeException)
        {
            return false;
        }
    }

    private static long Whole(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number : throw new FormatException($"'{text}' is no number.");

    private static (string Name, string Value) Pair(string word) => word.Split('=') is [var name, var value]
        ? (name, value) : throw new FormatException($"'{word}' is no pair of a name and a value.");

    private void Listed(string symbol, long available, decimal price)
    {
        lock (_gate)
        {
            Put(symbol, available, price, _listings.GetValueOrDefault(symbol)?.Held ?? 0);
        }
    }

    private void Traded(FeedTrade trade)
    {
        lock (_gate)
        {
            if (_trades.Any(known => known.Id == trade.Id))
            {
                return;
            }

            Insert(trade);
            if (_listings.GetValueOrDefault(trade.Symbol) is { } listing)
            {
                var moved = trade.Id <= _contained ? 0 : trade.IsBuy ? -trade.Shares : trade.Shares;
                _listings[trade.Symbol] = listing with { Available = listing.Available + moved, LastTrade = trade.At };
            }
        }
    }

    private void Insert(FeedTrade trade)
    {
        var place = _trades.First;
        while (place is not null && place.Value.Id > trade.Id)
        {
            place = place.Next;
        }

        if (place is null)
        {
            _trades.AddLast(trade);
        }
        else
        {
            _trades.AddBefore(place, trade);
        }

        if (_trades.Count > MaxTrades)
        {
            _trades.RemoveLast();
        }
    }

    private void Put(string symbol, long available, decimal price, long held) => _listings[symbol] =
        _listings.GetValueOrDefault(symbol) is { } known
            ? known with { Available = available, Price = price, Held = held }
            : new Listing(symbol, available, price, price, null, held);
}
