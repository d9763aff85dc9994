using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
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

    [Fact]
    public async Task A_kill_in_the_middle_of_trading_loses_nothing_that_was_acknowledged()
    {
        const int Clients = 6;
        var folder = Directory.CreateTempSubdirectory("starling-exchange-").FullName;
        try
        {
            var tokens = new string[Clients];
            await using (var first = await ExchangeProcess.StartAsync(folder, Ending))
            {
                await first.SayAsync("list ACME 1000000 1");
                for (var i = 0; i < Clients; i++)
                {
                    tokens[i] = (await first.SayAsync($"add-account client{i}")).Split(' ')[1];
                }
            }

            // What each holds at least: by what it was told. And at most: with the one order that a kill left unanswered.
            var (least, most) = (new long[Clients], new long[Clients]);
            for (var round = 0; round < 4; round++)
            {
                await using var exchange = await ExchangeProcess.StartAsync(folder, Ending);
                var acknowledged = new ConcurrentBag<int>();
                var trading = Enumerable.Range(0, Clients).Select(i => TradeAsync(exchange.EndPoint, i, tokens[i], least, most, acknowledged)).ToArray();
                for (var i = 0; i < 600 && acknowledged.Count < 100; i++)
                {
                    await Task.Delay(20, Ending);
                }

                exchange.Kill();
                await Task.WhenAll(trading);
                Assert.True(acknowledged.Count >= 100, $"Only {acknowledged.Count} orders were answered.");
            }

            await using var last = await ExchangeProcess.StartAsync(folder, Ending);
            var sum = 0L;
            for (var i = 0; i < Clients; i++)
            {
                using var client = new Line(await ConnectAsync(last.EndPoint));
                await client.SayAsync($"LOGIN client{i} {tokens[i]}");
                var held = Number(await client.SayAsync("HOLDINGS"), "ACME=");
                Assert.InRange(held, least[i], most[i]);
                sum += held;
            }

            using var reader = new Line(await ConnectAsync(last.EndPoint));
            Assert.Equal(1_000_000, sum + Number(await reader.SayAsync("BOOK"), "ACME="));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task TradeAsync(IPEndPoint endPoint, int index, string token, long[] least, long[] most, ConcurrentBag<int> acknowledged)
    {
        try
        {
            using var client = new Line(await ConnectAsync(endPoint));
            Assert.Equal($"OK client{index}", await client.SayAsync($"LOGIN client{index} {token}"));
            for (var i = 0; i < 100_000; i++)
            {
                var shares = 1 + (i % 7);
                most[index] += shares;
                if (await client.SayAsync($"BUY ACME {shares}") is not { } answer)
                {
                    return;
                }

                Assert.StartsWith("OK ", answer, StringComparison.Ordinal);
                least[index] += shares;
                acknowledged.Add(i);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The exchange was killed; what was not answered may or may not have been done.
        }
    }

    private static long Number(string? answer, string name) =>
        long.Parse(answer!.Split(' ').Single(word => word.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);

    private static async Task<TcpClient> ConnectAsync(IPEndPoint endPoint)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(endPoint, Ending);
        return tcp;
    }

    private sealed class Line(TcpClient tcp) : IDisposable
    {
        private readonly StreamReader _reader = new(tcp.GetStream());

        public async Task<string?> SayAsync(string line)
        {
            await tcp.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"), Ending);
            return await _reader.ReadLineAsync(Ending);
        }

        public void Dispose() => tcp.Dispose();
    }
}
