namespace Starling.Apps.Exchange.Client.Terminal;

/// <summary>What can be typed into a client, on a screen or in a script.</summary>
internal sealed class Commands(ExchangeClient client)
{
    private const int OrderWords = 3;

    private static readonly string[] Help =
    [
        "BUY SYMBOL N, SELL SYMBOL N   trade with the book, at its price",
        "HOLDINGS, CASH                what you hold; what sales brought less what purchases cost",
        "BOOK, LISTINGS                what can be bought; with prices, after the number of the last trade",
        "help, quit                    PgUp and PgDn turn the pages of the table, Up and Down recall lines",
    ];

    private static readonly string[] ForTheExchange = ["BUY", "SELL", "HOLDINGS", "CASH", "BOOK", "LISTINGS"];

    /// <summary>Carries out a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="patience">How long to wait for a connection when there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What to show, or null to end.</returns>
    /// <exception cref="ExchangeException">It cannot be done.</exception>
    /// <exception cref="IOException">There is no connection, or it was lost.</exception>
    public async Task<IReadOnlyList<string>?> RunAsync(string line, TimeSpan patience, CancellationToken cancellationToken)
    {
        var command = line.Trim();
        var verb = command.Split(' ')[0].ToUpperInvariant();
        switch (verb)
        {
            case "":
                return [];
            case "HELP":
                return Help;
            case "QUIT":
                return null;
        }

        if (!ForTheExchange.Contains(verb))
        {
            throw new ExchangeException("unknown-command", $"'{verb}' is no command; there are {string.Join(", ", ForTheExchange)}, help, quit.");
        }

        if (verb is "BUY" or "SELL" && command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == OrderWords)
        {
            // So that the client may send it again when the connection is lost before the answer, and it is carried out once.
            command += $" {Guid.NewGuid():N}";
        }

        return [await client.SayAsync(command, patience, cancellationToken) is { Length: > 0 } answer ? answer : "nothing"];
    }
}
