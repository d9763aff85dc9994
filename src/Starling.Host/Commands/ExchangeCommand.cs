using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Starling.Apps.Exchange;
using Starling.Host.Serving;

namespace Starling.Host.Commands;

/// <summary><c>starling apps exchange</c>: an exchange, run from its console.</summary>
internal static class ExchangeCommand
{
    private const int Failed = 1;

    public static Command Create()
    {
        var listen = NetworkOptions.EndPoint("--listen", "Where clients connect; port 0 lets the system choose.", "127.0.0.1:7000", hasDefault: true);
        var feed = NetworkOptions.Group("--feed", "Multicast group and port to which listings and trades go.", "239.192.0.1:31001", hasDefault: true);
        var recovery = NetworkOptions.EndPoint("--recovery", "Where subscribers fetch what they missed; port 0 lets the system choose.", "127.0.0.1:31002", hasDefault: true);
        var network = NetworkOptions.Address("--feed-interface", "Local address whose network the feed uses; loopback, the default, reaches this machine only.");
        var data = new Option<string?>("--data") { Description = $"Folder of the books. Default: {DataFolder.DefaultPath}", HelpName = "folder" };
        var connections = new Option<int?>("--max-connections")
        {
            Description = "How many clients may be connected; more are refused. Default: half of the files that the system lets a process open, 10000 at most",
            HelpName = "number",
            CustomParser = ParseNumber,
        };
        var command = new Command("exchange", "Keep the books of an exchange. Orders come over TCP, a line each; listings and trades go out by multicast.")
        {
            listen, feed, recovery, network, data, connections, ExchangeClientCommand.Create(),
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            log =>
            {
                var options = new ExchangeOptions
                {
                    Listen = parsed.GetRequiredValue(listen)!,
                    Feed = parsed.GetRequiredValue(feed)!,
                    Recovery = parsed.GetRequiredValue(recovery)!,
                    FeedInterface = parsed.GetValue(network) ?? IPAddress.Loopback,
                    File = Books(parsed.GetValue(data)),
                    LoggerFactory = log,
                };
                return parsed.GetValue(connections) is { } limit ? options with { MaxConnections = limit } : options;
            },
            cancellationToken));
        return command;
    }

    private static int? ParseNumber(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
        {
            return number;
        }

        result.AddError($"'{text}' should be a number of connections, 1 or more.");
        return null;
    }

    private static string Books(string? folder)
    {
        try
        {
            return new DataFolder(folder).File("exchange.db");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"--data {folder ?? DataFolder.DefaultPath} is no folder that can be used or made ({exception.Message}); name another.", exception);
        }
    }

    private static async Task<int> RunAsync(Func<ILoggerFactory, ExchangeOptions> read, CancellationToken cancellationToken)
    {
        try
        {
            using var log = ConsoleLog.Create();
            await using var exchange = await ExchangeServer.StartAsync(read(log), cancellationToken);
            Console.WriteLine($"Listening on {exchange.EndPoint}, recovery of the feed on {exchange.Recovery}. Type help for the commands.");
            await foreach (var line in ConsoleLines.Read().ReadAllAsync(cancellationToken))
            {
                if (await exchange.ConsoleAsync(line).WaitAsync(cancellationToken) is not { } answer)
                {
                    return 0;
                }

                Console.WriteLine(answer);
            }

            if (ConsoleLines.GoOnWithoutInput("exchange"))
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception exception) when (exception is IOException or SocketException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The exchange cannot be opened: {exception.Message}");
            return Failed;
        }
    }
}
