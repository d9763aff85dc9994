using System.CommandLine;
using System.CommandLine.Parsing;
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
        var listen = Address("--listen", "Where clients connect; port 0 lets the system choose.", "127.0.0.1:7000");
        var feed = Address("--feed", "Multicast group and port to which listings and trades go.", "239.192.0.1:31001");
        var recovery = Address("--recovery", "Where subscribers fetch what they missed; port 0 lets the system choose.", "127.0.0.1:31002");
        var network = new Option<IPAddress>("--feed-interface")
        {
            Description = "Local address whose network the feed uses; loopback reaches this machine only.",
            HelpName = "address",
            DefaultValueFactory = _ => IPAddress.Loopback,
            CustomParser = result => IPAddress.TryParse(result.Tokens[0].Value, out var address) ? address : Refuse<IPAddress>(result, "an address, such as 192.168.1.7"),
        };
        var data = new Option<string?>("--data") { Description = $"Folder of the books. Default: {DataFolder.DefaultPath}", HelpName = "folder" };
        var command = new Command("exchange", "Keep the books of an exchange. Orders come over TCP, a line each; listings and trades go out by multicast.")
        {
            listen, feed, recovery, network, data,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            () => new ExchangeOptions
            {
                Listen = parsed.GetRequiredValue(listen),
                Feed = parsed.GetRequiredValue(feed),
                Recovery = parsed.GetRequiredValue(recovery),
                FeedInterface = parsed.GetRequiredValue(network),
                File = new DataFolder(parsed.GetValue(data)).File("exchange.db"),
            },
            cancellationToken));
        return command;
    }

    private static Option<IPEndPoint> Address(string name, string description, string value) => new(name)
    {
        Description = description,
        HelpName = "address:port",
        DefaultValueFactory = _ => IPEndPoint.Parse(value),
        CustomParser = result => IPEndPoint.TryParse(result.Tokens[0].Value, out var address) ? address : Refuse<IPEndPoint>(result, $"an address and a port, such as {value}"),
    };

    private static T? Refuse<T>(ArgumentResult result, string wanted)
        where T : class
    {
        result.AddError($"'{result.Tokens[0].Value}' should be {wanted}.");
        return null;
    }

    private static async Task<int> RunAsync(Func<ExchangeOptions> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var exchange = await ExchangeServer.StartAsync(read(), cancellationToken);
            Console.WriteLine($"Listening on {exchange.EndPoint}, recovery of the feed on {exchange.Recovery}. Type help for the commands.");
            while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
            {
                if (await exchange.ConsoleAsync(line) is not { } answer)
                {
                    return 0;
                }

                Console.WriteLine(answer);
            }

            // There is no console; the exchange goes on until it is told to end.
            await Task.Delay(Timeout.Infinite, cancellationToken);
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
