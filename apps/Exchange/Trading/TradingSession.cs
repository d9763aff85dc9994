using System.Globalization;
using Starling.Apps.Exchange.Books;

namespace Starling.Apps.Exchange.Trading;

/// <summary>What one client has said so far, and what it is answered. Lines of one client are handled one at a time.</summary>
internal sealed class TradingSession(Ledger ledger, Feed feed, FeedLocation location)
{
    private const string Commands = "LOGIN NAME TOKEN, BUY SYMBOL N [ORDER-ID], SELL SYMBOL N [ORDER-ID], HOLDINGS, CASH, BOOK, LISTINGS, FEED, QUIT";

    private string? _account;

    /// <summary>Whether the client wants to go.</summary>
    public bool HasQuit { get; private set; }

    /// <summary>Answers a line, without its end, by one line: <c>OK …</c> or <c>ERROR CODE explanation</c>.</summary>
    public async ValueTask<string> AnswerAsync(string line)
    {
        try
        {
            return line.Any(char.IsControl)
                ? throw new ExchangeException("bad-form", "A line has no control characters.")
                : "OK" + await HandleAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (ExchangeException refusal)
        {
            return $"ERROR {refusal.Code} {refusal.Message}";
        }
    }

    private ValueTask<string> HandleAsync(string[] words) => words switch
    {
        [var command, var name, var token] when Is(command, "LOGIN") => LogInAsync(name, token),
        [var command, var symbol, var shares] when Is(command, "BUY") || Is(command, "SELL") => TradeAsync(command, symbol, shares, id: null),
        [var command, var symbol, var shares, var id] when Is(command, "BUY") || Is(command, "SELL") => TradeAsync(command, symbol, shares, OrderRules.OrderId(id)),
        [var command] when Is(command, "HOLDINGS") => HoldingsAsync(),
        [var command] when Is(command, "BOOK") => BookAsync(),
        [var command] when Is(command, "CASH") => CashAsync(),
        [var command] when Is(command, "LISTINGS") => ListingsAsync(),
        [var command] when Is(command, "FEED") => new($" {location.Group} {location.Recovery} {location.Session}"),
        [var command] when Is(command, "QUIT") => new(Quit()),
        [] => throw new ExchangeException("empty", $"Say one of {Commands}."),
        [var command, ..] when Commands.Split(", ").FirstOrDefault(known => Is(command, known.Split(' ')[0])) is { } form =>
            throw new ExchangeException("bad-form", $"It is written {form}."),
        [var command, ..] => throw new ExchangeException("unknown-command", $"'{command}' is no command; say one of {Commands}."),
    };

    private static bool Is(string word, string command) => word.Equals(command, StringComparison.OrdinalIgnoreCase);

    private static string List(IEnumerable<(string Symbol, long Shares)> items) =>
        string.Concat(items.Select(item => string.Create(CultureInfo.InvariantCulture, $" {item.Symbol}={item.Shares}")));

    private async ValueTask<string> HoldingsAsync() => List(await ledger.HoldingsAsync(Account()));

    private async ValueTask<string> BookAsync() => List((await ledger.SecuritiesAsync()).Select(security => (security.Symbol, security.Available)));

    private async ValueTask<string> CashAsync()
    {
        var cash = await ledger.CashAsync(Account());
        return string.Create(CultureInfo.InvariantCulture, $" {cash}");
    }

    // The number tells which trades of the feed are contained already.
    private async ValueTask<string> ListingsAsync()
    {
        var (last, securities) = await ledger.ListingsAsync();
        return string.Create(CultureInfo.InvariantCulture, $" {last}")
            + string.Concat(securities.Select(item => string.Create(CultureInfo.InvariantCulture, $" {item.Symbol}={item.Available}@{item.Price}")));
    }

    private string Account() => _account ?? throw new ExchangeException("not-signed-in", "Say LOGIN NAME TOKEN first.");

    private async ValueTask<string> LogInAsync(string name, string token)
    {
        if (!await ledger.IsAccountAsync(name, token))
        {
            throw new ExchangeException("bad-login", "There is no account of that name with that token.");
        }

        _account = name;
        return " " + name;
    }

    private async ValueTask<string> TradeAsync(string command, string symbol, string shares, string? id)
    {
        var (trade, isRepeat) = await ledger.TradeAsync(new Order(Account(), OrderRules.Symbol(symbol), Is(command, "BUY"), OrderRules.Shares(shares), id));
        if (!isRepeat)
        {
            await feed.TradedAsync(trade);
        }

        return string.Create(
            CultureInfo.InvariantCulture, $" {trade.Id} {(trade.IsBuy ? "BOUGHT" : "SOLD")} {trade.Shares} {trade.Symbol} AT {trade.Price} HOLDING {trade.Holding}");
    }

    private string Quit()
    {
        HasQuit = true;
        return " goodbye";
    }
}
