namespace Starling.Apps.Exchange.Books;

/// <summary>The books in memory: securities, accounts, holdings. Not thread-safe; <see cref="Ledger"/> guards it.</summary>
internal sealed class BookState
{
    private readonly Dictionary<(string Account, string Symbol), long> _holdings = [];
    private readonly Dictionary<string, decimal> _cash = new(StringComparer.Ordinal);

    public SortedDictionary<string, Security> Securities { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, byte[]> Accounts { get; } = new(StringComparer.Ordinal);

    public long LastTrade { get; private set; }

    public static BookState Read(LedgerFile file)
    {
        var state = new BookState { LastTrade = file.LastTrade() };
        file.Securities().ForEach(security => state.Securities[security.Symbol] = security);
        file.Accounts().ForEach(account => state.Accounts[account.Name] = account.Token);
        file.Holdings().ForEach(holding => state._holdings[(holding.Account, holding.Symbol)] = holding.Shares);
        file.NetSales().ForEach(sales => state.Earn(sales.Account, sales.Price * sales.Shares));
        return state;
    }

    public long Holding(string account, string symbol) => _holdings.GetValueOrDefault((account, symbol));

    public decimal Cash(string account) => _cash.GetValueOrDefault(account);

    public IReadOnlyList<(string Symbol, long Shares)> HoldingsOf(string account) =>
        [.. _holdings.Where(item => item.Key.Account == account && item.Value > 0).Select(item => (item.Key.Symbol, item.Value)).Order()];

    /// <summary>Puts new shares into the book.</summary>
    /// <exception cref="ExchangeException">There would be too many, or the security is new and has no price.</exception>
    public Security List(string symbol, long shares, decimal? price)
    {
        var known = Securities.GetValueOrDefault(symbol);
        if ((price ?? known?.Price) is not { } listedAt)
        {
            throw new ExchangeException("no-price", $"{symbol} is new; say at what price: list {symbol} {shares} PRICE.");
        }

        if ((known?.Listed ?? 0) + shares > OrderRules.MaxShares)
        {
            throw new ExchangeException("too-many", $"There would be more than {OrderRules.MaxShares} shares of {symbol}.");
        }

        return Securities[symbol] = new Security(symbol, (known?.Available ?? 0) + shares, (known?.Listed ?? 0) + shares, listedAt);
    }

    /// <summary>Moves shares between the book and an account.</summary>
    /// <exception cref="ExchangeException">There is no such security, or there are not so many shares on the side that gives.</exception>
    public Trade Move(Order order)
    {
        var (account, symbol, isBuy, shares, _) = order;
        if (Securities.GetValueOrDefault(symbol) is not { } security)
        {
            throw new ExchangeException("unknown-symbol", $"{symbol} is not listed.");
        }

        var holding = Holding(account, symbol);
        if (isBuy && security.Available < shares)
        {
            throw new ExchangeException("not-enough", $"Only {security.Available} shares of {symbol} are in the book.");
        }

        if (!isBuy && holding < shares)
        {
            throw new ExchangeException("not-yours", $"You hold {holding} shares of {symbol}.");
        }

        var bought = isBuy ? shares : -shares;
        Securities[symbol] = security with { Available = security.Available - bought };
        _holdings[(account, symbol)] = holding + bought;
        Earn(account, security.Price * -bought);
        return new Trade(++LastTrade, account, symbol, isBuy, shares, security.Price, holding + bought);
    }

    private void Earn(string account, decimal amount) => _cash[account] = Cash(account) + amount;
}
