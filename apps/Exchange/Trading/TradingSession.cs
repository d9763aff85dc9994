using System.Globalization;
using Starling.Apps.Exchange.Books;

namespace Starling.Apps.Exchange.Trading;

/// <summary>What one client has said so far, and what it is answered. Lines of one client are handled one at a time.</summary>
internal sealed class TradingSession(Ledger ledger, Feed feed, FeedLocation location)
{
    private const string Commands = "LOGIN NAME TOKEN, BUY SYMBOL N, SELL SYMBOL N, HOLDINGS, CASH, BOOK, LISTINGS, FEED, QUIT";

    private string? _account;

    /// <summary>Whether the client wants to go.</summary>
    public bool HasQuit { get; private set; }

    /// <summary>Answers a line, without its end, by one line: <c>OK …</c> or <c>ERROR CODE explanation</c>.</summary>
    public async ValueTask<string> AnswerAsync(string line)
    {
        try
        {
            return "OK" + await HandleAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (ExchangeException refusal)
        {
            return $"ERROR {refusal.Code} {refusal.Message}";
        }
    }

    private ValueTask<string> HandleAsync(string[] words) => words switch
    {
        [var command, var name, var token] when Is(command, "LOGIN") => new(LogIn(name, token)),
        [var command, var symbol, var shares] when Is(command, "BUY") => TradeAsync(symbol, shares, isBuy: true),
        [var command, var symbol, var shares] when Is(command, "SELL") => TradeAsync(symbol, shares, isBuy: false),
        [var command] when Is(command, "HOLDINGS") => new(List(ledger.Holdings(Account()))),
        [var command] when Is(command, "BOOK") => new(List(ledger.Securities().Select(security => (security.Symbol, security.Available)))),
        [var command] when Is(command, "CASH") => new(string.Create(CultureInfo.InvariantCulture, $" {ledger.Cash(Account())}")),
        [var command] when Is(command, "LISTINGS") => new(Listings()),
        [var command] when Is(command, "FEED") => new($" {location.Group} {location.Recovery}"),
        [var command] when Is(command, "QUIT") => new(Quit()),
        [] => throw new ExchangeException("empty", $"Say one of {Commands}."),
        [var command, ..] when Commands.Split(", ").FirstOrDefault(known => Is(command, known.Split(' ')[0])) is { } form =>
            throw new ExchangeException("bad-form", $"It is written {form}."),
        [var command, ..] => throw new ExchangeException("unknown-command", $"'{command}' is no command; say one of {Commands}."),
    };

    private static bool Is(string word, string command) => word.Equals(command, StringComparison.OrdinalIgnoreCase);

    private static string List(IEnumerable<(string Symbol, long Shares)> items) =>
        string.Concat(items.Select(item => string.Create(CultureInfo.InvariantCulture, $" {item.Symbol}={item.Shares}")));

    // The number tells which trades of the feed are contained already.
    private string Listings()
    {
        var (last, securities) = ledger.Listings();
        return string.Create(CultureInfo.InvariantCulture, $" {last}")
            + string.Concat(securities.Select(item => string.Create(CultureInfo.InvariantCulture, $" {item.Symbol}={item.Available}@{item.Price}")));
    }

    private string Account() => _account ?? throw new ExchangeException("not-signed-in", "Say LOGIN NAME TOKEN first.");

    private string LogIn(string name, string token)
    {
        if (!ledger.IsAccount(name, token))
        {
            throw new ExchangeException("bad-login", "There is no account of that name with that token.");
        }

        _account = name;
        return " " + name;
    }

    private async ValueTask<string> TradeAsync(string symbol, string shares, bool isBuy)
    {
        var trade = await ledger.TradeAsync(Account(), OrderRules.Symbol(symbol), OrderRules.Shares(shares), isBuy);
        await feed.TradedAsync(trade);
        return string.Create(
            CultureInfo.InvariantCulture, $" {trade.Id} {(isBuy ? "BOUGHT" : "SOLD")} {trade.Shares} {trade.Symbol} AT {trade.Price} HOLDING {trade.Holding}");
    }

    private string Quit()
    {
        HasQuit = true;
        return " goodbye";
    }
}
