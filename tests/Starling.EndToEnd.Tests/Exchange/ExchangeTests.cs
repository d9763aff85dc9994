using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Exchange;

public sealed class ExchangeTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_in_plain_Node_trades_and_reads_the_feed()
    {
        await using var exchange = await ExchangeProcess.StartAsync(folder: null, Ending);
        await exchange.SayAsync("list ACME 100 2");
        var account = (await exchange.SayAsync("add-account node")).Split(' ');

        var script = Path.Combine(Repository.Root, "tests", "Starling.EndToEnd.Tests", "Exchange", "client.mjs");
        string[] arguments =
        [
            script, exchange.EndPoint.Port.ToString(CultureInfo.InvariantCulture), exchange.Feed.Address.ToString(),
            exchange.Feed.Port.ToString(CultureInfo.InvariantCulture), account[0], account[1],
        ];
        using var node = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await node.StandardOutput.ReadToEndAsync(Ending);
        await node.WaitForExitAsync(Ending);

        Assert.True(node.ExitCode == 0, await node.StandardError.ReadToEndAsync(Ending));
        var result = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["OK node", "OK 1 BOUGHT 5 ACME AT 2 HOLDING 5"], result.GetProperty("answers").EnumerateArray().Select(line => line.GetString()));
        Assert.Contains("TRADED 1 ACME BUY 5 2", result.GetProperty("news").EnumerateArray().Select(line => line.GetString()));
    }

    [Fact]
    public async Task A_subscriber_in_plain_Node_that_comes_late_fetches_what_it_missed()
    {
        await using var exchange = await ExchangeProcess.StartAsync(folder: null, Ending);
        string[] listed = [.. Enumerable.Range(1, 20).Select(i => $"S{i} {i} 1.5")];
        foreach (var security in listed)
        {
            await exchange.SayAsync("list " + security);
        }

        var script = Path.Combine(Repository.Root, "tests", "Starling.EndToEnd.Tests", "Exchange", "late.mjs");
        string[] arguments = [script, exchange.EndPoint.Port.ToString(CultureInfo.InvariantCulture)];
        using var node = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await node.StandardOutput.ReadToEndAsync(Ending);
        await node.WaitForExitAsync(Ending);

        Assert.True(node.ExitCode == 0, await node.StandardError.ReadToEndAsync(Ending));
        Assert.Equal(listed.Select(security => "LISTED " + security), JsonSerializer.Deserialize<string[]>(output)!);
    }

    [Fact]
    public async Task Books_that_are_open_are_not_opened_again()
    {
        var folder = Directory.CreateTempSubdirectory("starling-exchange-").FullName;
        try
        {
            await using var exchange = await ExchangeProcess.StartAsync(folder, Ending);
            var (exitCode, _, error) = await HostProcess.RunAsync(
                ["apps", "exchange", "--listen", "127.0.0.1:0", "--recovery", "127.0.0.1:0", "--data", folder], Ending);
            Assert.Equal(1, exitCode);
            Assert.Contains("is in use by another exchange", error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
