using Spectre.Console;

namespace Starling.Apps.Exchange.Client.Terminal;

/// <summary>A client of an exchange for people and scripts.</summary>
public static class ClientConsole
{
    /// <summary>Asks for an account's token; what is typed is not shown.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The token, or null when nobody can be asked because the input is no terminal.</returns>
    public static async Task<string?> AskTokenAsync(string account, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            return null;
        }

        return await new TextPrompt<string>($"Token of {Markup.Escape(account)}:").Secret(null).ShowAsync(AnsiConsole.Console, cancellationToken);
    }

    /// <summary>Runs a client until its user ends it: on a terminal as a live screen, otherwise line by line.</summary>
    /// <param name="options">Which exchange, and as whom.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code: 0, or 1 when a line of a script could not be carried out.</returns>
    /// <exception cref="ExchangeException">The account is refused, or its name or token cannot be one.</exception>
    /// <exception cref="IOException">The exchange cannot be reached, and nobody looks who could wait for it.</exception>
    public static async Task<int> RunAsync(ExchangeClientOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            await using var client = new ExchangeClient(options, static () => { });
            return await new LineConsole(client, Console.In, Console.Out, Console.Error).RunAsync(cancellationToken) == 0 ? 0 : 1;
        }

        await new LiveConsole(options).RunAsync(cancellationToken);
        return 0;
    }
}
