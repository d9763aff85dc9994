using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Starling.Apps.Exchange;
using Starling.Apps.Exchange.Client;
using Starling.Apps.Exchange.Client.Terminal;

namespace Starling.Host.Commands;

/// <summary><c>starling apps exchange client</c>: trades at an exchange, on a live screen or by a script.</summary>
internal static class ExchangeClientCommand
{
    private const string TokenVariable = "STARLING_EXCHANGE_TOKEN";
    private const int Failed = 1;

    public static Command Create()
    {
        var connect = new Option<DnsEndPoint?>("--connect")
        {
            Description = "The exchange. Default: 127.0.0.1:7000",
            HelpName = "host:port",
            CustomParser = ParseHost,
        };
        var account = new Option<string>("--account") { Description = "The name of your account there.", HelpName = "name", Required = true };
        var tokenFile = new Option<FileInfo?>("--token-file") { Description = $"File with the account's token; else {TokenVariable}, else you are asked.", HelpName = "file" };
        var feed = NetworkOptions.Group("--feed", "Multicast group and port of the feed; what the exchange says if not given.", "239.192.0.1:31001");
        var network = NetworkOptions.Address("--feed-interface", "Local address whose network the feed uses; the one that leads to the exchange if not given.");
        var recovery = NetworkOptions.EndPoint("--recovery", "Where what was missed of the feed is fetched; what the exchange says if not given.", "127.0.0.1:31002");
        var command = new Command("client", "Trade at an exchange: a live screen on a terminal; otherwise each line of the input is an order.")
        {
            connect, account, tokenFile, feed, network, recovery,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            token => new ExchangeClientOptions
            {
                Exchange = parsed.GetValue(connect) ?? new DnsEndPoint("127.0.0.1", 7000),
                Account = parsed.GetRequiredValue(account),
                Token = token,
                Feed = parsed.GetValue(feed),
                FeedInterface = parsed.GetValue(network),
                Recovery = parsed.GetValue(recovery),
            },
            () => TokenAsync(parsed.GetValue(tokenFile), parsed.GetRequiredValue(account), cancellationToken),
            cancellationToken));
        return command;
    }

    private static DnsEndPoint? ParseHost(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var colon = text.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
        {
            return new DnsEndPoint(text[..colon].Trim('[', ']'), port);
        }

        result.AddError($"'{text}' should be a host and a port, such as 127.0.0.1:7000.");
        return null;
    }

    private static async Task<string?> TokenAsync(FileInfo? file, string account, CancellationToken cancellationToken)
    {
        var token = file is not null ? await File.ReadAllTextAsync(file.FullName, cancellationToken)
            : Environment.GetEnvironmentVariable(TokenVariable) ?? await ClientConsole.AskTokenAsync(account, cancellationToken);
        return token?.Trim();
    }

    private static async Task<int> RunAsync(Func<string, ExchangeClientOptions> read, Func<Task<string?>> readToken, CancellationToken cancellationToken)
    {
        try
        {
            if (await readToken() is { Length: > 0 } token)
            {
                return await ClientConsole.RunAsync(read(token), cancellationToken);
            }

            await Console.Error.WriteLineAsync($"There is no token: set {TokenVariable}, or name a file by --token-file.");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception exception) when (exception is ExchangeException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return Failed;
        }
    }
}
