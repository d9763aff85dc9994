namespace Starling.Apps.Exchange.Client.Terminal;

/// <summary>A client without a screen: a line in, its answer out. For scripts.</summary>
internal sealed class LineConsole(ExchangeClient client, TextReader input, TextWriter output, TextWriter errors)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Reads lines to the end of the input.</summary>
    /// <returns>How many could not be carried out.</returns>
    /// <exception cref="IOException">The exchange could not be reached at the beginning.</exception>
    /// <exception cref="ExchangeException">The account is refused.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        // So that a wrong address or token is told before anything is read.
        await client.SayAsync("HOLDINGS", Patience, cancellationToken);
        var commands = new Commands(client);
        var failures = 0;
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            try
            {
                if (await commands.RunAsync(line, Patience, cancellationToken) is not { } answers)
                {
                    break;
                }

                foreach (var answer in answers)
                {
                    await output.WriteLineAsync(answer);
                }
            }
            catch (Exception exception) when (exception is ExchangeException or IOException)
            {
                failures++;
                await errors.WriteLineAsync($"error: {exception.Message}");
            }
        }

        return failures;
    }
}
