using System.Globalization;
using Starling.Apps.Exchange.Books;
using Starling.Apps.Exchange.Trading;

namespace Starling.Apps.Exchange;

/// <summary>What the one who runs the exchange types.</summary>
internal sealed class ServerConsole(Ledger ledger, Feed feed)
{
    private const string Help = """
        list SYMBOL SHARES [PRICE]   put shares into the book
        book                         what is listed
        add-account NAME             open an account and show its token, once
        accounts                     who has one
        stop                         end the exchange
        """;

    private static readonly string[] Names = ["list", "book", "add-account", "accounts", "stop", "help"];

    /// <summary>Handles a line.</summary>
    /// <returns>What to print, or null to stop.</returns>
    public async Task<string?> HandleAsync(string line)
    {
        try
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words is [var command, ..] ? await HandleAsync([command.ToLowerInvariant(), .. words[1..]]) : "";
        }
        catch (ExchangeException refusal)
        {
            return "error: " + refusal.Message;
        }
    }

    private async Task<string?> HandleAsync(string[] words) => words switch
    {
        ["stop"] => null,
        ["help"] => Help,
        ["list", var symbol, var shares] => await ListAsync(symbol, shares, null),
        ["list", var symbol, var shares, var price] => await ListAsync(symbol, shares, OrderRules.Price(price)),
        ["book"] => await BookAsync(),
        ["accounts"] => string.Join('\n', await ledger.AccountsAsync()),
        ["add-account", var name] => $"{name} {await ledger.AddAccountAsync(name)}",
        _ => throw new ExchangeException("unknown-command", Explain(words[0])),
    };

    private async Task<string> ListAsync(string symbol, string shares, decimal? price)
    {
        var security = await ledger.ListAsync(OrderRules.Symbol(symbol), OrderRules.Shares(shares), price);
        await feed.ListedAsync(security);
        return Line(security);
    }

    private async Task<string> BookAsync() => await ledger.SecuritiesAsync() is { Count: > 0 } securities ? string.Join('\n', securities.Select(Line)) : "Nothing is listed yet.";

    private static string Line(Security security) => string.Create(
        CultureInfo.InvariantCulture, $"{security.Symbol,-10} {security.Available,12} of {security.Listed,12} at {security.Price}");

    private static string Explain(string name)
    {
        if (Array.Exists(Names, known => known == name))
        {
            return $"'{name}' is written otherwise:\n{Help}";
        }

        var nearest = Names.MinBy(known => Distance(known, name))!;
        return Distance(nearest, name) <= 2 ? $"There is no command '{name}'; is '{nearest}' meant?" : $"There is no command '{name}':\n{Help}";
    }

    // How many letters have to be put in, taken out or changed (Levenshtein).
    private static int Distance(string first, string second)
    {
        var row = Enumerable.Range(0, second.Length + 1).ToArray();
        for (var i = 1; i <= first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= second.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (first[i - 1] == second[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
