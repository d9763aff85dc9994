using Starling.EndToEnd.Tests.Hosts;
using Starling.EndToEnd.Tests.Terminals;

namespace Starling.EndToEnd.Tests.Exchange;

/// <summary>The client console at a real terminal.</summary>
public sealed class ClientTerminalTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("starling-exchange-").FullName;
    private ExchangeProcess _exchange = null!;
    private string _token = "";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _exchange = await ExchangeProcess.StartAsync(_folder, Ending);
        await _exchange.SayAsync("list ACME 1000 12.50");
        await _exchange.SayAsync("list BETA 500 3");
        _token = await AddAccountAsync("ada");
    }

    [Fact]
    public async Task Shares_are_bought_and_sold_and_what_cannot_be_done_is_explained()
    {
        await using var terminal = await SignInAsync();
        await terminal.TypeLineAsync("BUY ACME 10");
        await terminal.WaitForAsync("1 BOUGHT 10 ACME AT 12.50 HOLDING 10");
        await terminal.TypeLineAsync("sell acme 4");
        await terminal.WaitForAsync("2 SOLD 4 ACME AT 12.50 HOLDING 6");
        var screen = await terminal.WaitForAsync(screen => screen.Contains(" 994 ", StringComparison.Ordinal) && screen.Contains("cash -75.00", StringComparison.Ordinal), "books after two trades");
        Assert.Contains("SELL 4 ACME at 12.50", screen, StringComparison.Ordinal);

        await terminal.TypeLineAsync("SELL BETA 1");
        await terminal.WaitForAsync("SELL BETA 1: You hold 0 shares of BETA.");
        await terminal.TypeLineAsync("BUY NONE 1");
        await terminal.WaitForAsync("NONE is not listed.");
        await terminal.TypeLineAsync("DANCE");
        await terminal.WaitForAsync("'DANCE' is no command");
        await terminal.TypeLineAsync("HOLDINGS");
        await terminal.WaitForAsync("ACME=6");
        await terminal.TypeLineAsync("CASH");
        await terminal.WaitForAsync(screen => screen.Split('\n').Any(line => line.Trim() == "-75.00"), "the cash");
        await terminal.TypeLineAsync("BOOK");
        await terminal.WaitForAsync("ACME=994 BETA=500");
        await terminal.TypeLineAsync("LISTINGS");
        await terminal.WaitForAsync("2 ACME=994@12.50 BETA=500@3");
        await terminal.TypeLineAsync("help");
        await terminal.WaitForAsync("trade with the book, at its price");
        await terminal.TypeLineAsync("quit");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    [Fact]
    public async Task Trades_of_others_and_new_prices_are_shown_at_once_while_a_line_is_being_typed()
    {
        await using var terminal = await SignInAsync();
        await terminal.TypeAsync("BUY ACM");
        await terminal.WaitForAsync("> BUY ACM");
        var other = await AddAccountAsync("eve");
        var (exitCode, output, error) = await ScriptAsync("eve", other, "BUY BETA 123\n");
        Assert.True(exitCode == 0, error);
        Assert.Contains("1 BOUGHT 123 BETA AT 3 HOLDING 123", output, StringComparison.Ordinal);
        await _exchange.SayAsync("list ACME 1 15");
        await _exchange.SayAsync("list BETA 1 1.5");

        var screen = await terminal.WaitForAsync(
            screen => screen.Contains("+20.00%", StringComparison.Ordinal) && screen.Contains("-50.00%", StringComparison.Ordinal) && screen.Contains(" 378 ", StringComparison.Ordinal),
            "the other's trade and the new prices");
        Assert.Contains("BUY  123 BETA at 3.00", screen, StringComparison.Ordinal);
        Assert.Contains("> BUY ACM", screen, StringComparison.Ordinal);
        await terminal.TypeLineAsync("E 1");
        await terminal.WaitForAsync("2 BOUGHT 1 ACME AT 15 HOLDING 1");
    }

    [Fact]
    public async Task After_a_kill_of_the_exchange_the_client_comes_back_and_shows_what_is_held()
    {
        await using var terminal = await SignInAsync();
        await terminal.TypeLineAsync("BUY ACME 10");
        await terminal.WaitForAsync("HOLDING 10");
        await _exchange.KillAsync();
        await terminal.WaitForAsync("lost, reconnecting");
        await terminal.WaitForAsync("STALE");
        await terminal.TypeLineAsync("BUY ACME 1");
        await terminal.WaitForAsync("BUY ACME 1: There is no connection; nothing was sent.");

        var place = _exchange.EndPoint;
        await _exchange.DisposeAsync();
        _exchange = await ExchangeProcess.StartAsync(_folder, Ending, place);
        var other = await AddAccountAsync("eve");
        await ScriptAsync("eve", other, "BUY ACME 100\n");
        var screen = await terminal.WaitForAsync(
            screen => screen.Contains("connected", StringComparison.Ordinal) && screen.Contains(" 890 ", StringComparison.Ordinal)
                && screen.Contains("feed live", StringComparison.Ordinal) && !screen.Contains("STALE", StringComparison.Ordinal),
            "the exchange that came back");
        Assert.Contains("cash -125.00", screen, StringComparison.Ordinal);
        Assert.Contains(screen.Split('\n'), line => line.Contains("ACME               10       125.00", StringComparison.Ordinal));
        await terminal.TypeLineAsync("SELL ACME 3");
        await terminal.WaitForAsync("HOLDING 7");
    }

    [Fact]
    public async Task The_token_is_asked_for_and_not_shown_and_control_C_gives_the_terminal_back()
    {
        await using var terminal = await Terminal.StarlingAsync(Arguments("ada"));
        await terminal.WaitForAsync("Token of ada:");
        await terminal.TypeLineAsync(_token);
        await terminal.WaitForAsync("connected");
        Assert.DoesNotContain(_token, await terminal.ScreenAsync(), StringComparison.Ordinal);
        await terminal.PressAsync("C-c");
        Assert.Equal(0, await terminal.WaitForEndAsync());

        // What was there before is back, and the picture is gone.
        var screen = await terminal.ScreenAsync();
        Assert.Contains("Token of ada:", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("last trade", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_ends_with_a_clear_message()
    {
        await using var terminal = await Terminal.StarlingAsync(Arguments("ada"), Token("wrong"));
        await terminal.WaitForAsync("There is no account of that name with that token.");
        Assert.Equal(1, await terminal.WaitForEndAsync());
    }

    [Fact]
    public async Task The_screen_follows_the_size_of_its_window()
    {
        await using var terminal = await SignInAsync();
        Assert.Contains("last trade", await terminal.WaitForAsync("holdings"), StringComparison.Ordinal);
        await terminal.ResizeAsync(40, 16);
        await terminal.WaitForAsync(screen => !screen.Contains("holdings", StringComparison.Ordinal) && screen.Contains("ACME", StringComparison.Ordinal), "a narrow table");
        await terminal.TypeLineAsync("BUY ACME 7");
        await terminal.WaitForAsync("ACME 7");
        await terminal.ResizeAsync(15, 4);
        await terminal.WaitForAsync("Window too");
        await terminal.ResizeAsync(120, 40);
        await terminal.WaitForAsync(screen => screen.Contains("holdings", StringComparison.Ordinal) && screen.Contains("│ ACME   │  993 │", StringComparison.Ordinal), "the wide table again");
    }

    [Fact]
    public async Task Who_suspends_the_client_and_comes_back_sees_the_whole_picture()
    {
        await using var terminal = await Terminal.StartAsync(["bash", "--norc"], Token(_token));
        await terminal.TypeLineAsync($"clear; dotnet {Repository.Host} {string.Join(' ', Arguments("ada"))}");
        await terminal.WaitForAsync("feed live");
        for (var i = 0; i < 2; i++)
        {
            await terminal.PressAsync("C-z");
            await terminal.WaitForAsync("Stopped");
            await terminal.TypeLineAsync("fg");
            await terminal.WaitForAsync(
                screen => screen.Contains("│ ACME   │", StringComparison.Ordinal) && screen.Contains("feed live", StringComparison.Ordinal) && !screen.Contains("Stopped", StringComparison.Ordinal),
                "the whole picture");
        }

        await terminal.TypeLineAsync("BUY ACME 10");
        await terminal.WaitForAsync("HOLDING 10");
    }

    [Fact]
    public async Task Without_a_terminal_it_works_line_by_line_and_tells_whether_all_could_be_done()
    {
        var file = Path.Combine(_folder, "token");
        await File.WriteAllTextAsync(file, _token + "\n", Ending);
        var (exitCode, output, error) = await HostProcess.RunAsync(
            [.. Arguments("ada"), "--token-file", file], Ending, "BUY ACME 5\nBUY ACME 99999\nHOLDINGS\nquit\nBUY ACME 1\n");
        Assert.Equal("1 BOUGHT 5 ACME AT 12.50 HOLDING 5\nACME=5\n", output);
        Assert.Equal("error: Only 995 shares of ACME are in the book.\n", error);
        Assert.Equal(1, exitCode);
        Assert.Equal("", (await HostProcess.RunAsync([.. Arguments("ada"), "--token-file", file], Ending, "SELL ACME 5\n")).Error);
    }

    [Fact]
    public async Task A_script_of_orders_goes_on_when_the_exchange_is_killed_and_each_order_is_carried_out_once()
    {
        const int Orders = 400;
        var script = ScriptAsync("ada", _token, string.Concat(Enumerable.Repeat("BUY ACME 1\n", Orders)));
        foreach (var left in (int[])[950, 800, 650])
        {
            while (await LeftAsync() > left)
            {
                Assert.False(script.IsCompleted, "The script ended before its orders were carried out.");
            }

            var place = _exchange.EndPoint;
            await _exchange.KillAsync();
            await _exchange.DisposeAsync();
            _exchange = await ExchangeProcess.StartAsync(_folder, Ending, place);
        }

        var (exitCode, output, error) = await script;
        Assert.Equal("", error);
        Assert.Equal(string.Concat(Enumerable.Range(1, Orders).Select(i => $"{i} BOUGHT 1 ACME AT 12.50 HOLDING {i}\n")), output);
        Assert.Equal(0, exitCode);
        Assert.Equal(1000 - Orders, await LeftAsync());
    }

    [Fact]
    public async Task Without_a_terminal_and_a_token_it_says_how_to_give_one()
    {
        var (exitCode, _, error) = await HostProcess.RunAsync(Arguments("ada"), Ending);
        Assert.Equal(1, exitCode);
        Assert.Contains("set STARLING_EXCHANGE_TOKEN, or name a file by --token-file", error, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _exchange.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Dictionary<string, string> Token(string token) => new() { ["STARLING_EXCHANGE_TOKEN"] = token };

    private string[] Arguments(string account) => ["apps", "exchange", "client", "--connect", _exchange.EndPoint.ToString(), "--account", account];

    private async Task<string> AddAccountAsync(string name) => (await _exchange.SayAsync("add-account " + name)).Split(' ')[1];

    // ACME              950 of         1000 at 12.50; then BETA's line.
    private async Task<int> LeftAsync()
    {
        var acme = await _exchange.SayAsync("book");
        await _exchange.ReadLineAsync();
        return int.Parse(acme.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<Terminal> SignInAsync()
    {
        var terminal = await Terminal.StarlingAsync(Arguments("ada"), Token(_token));
        await terminal.WaitForAsync("feed live");
        return terminal;
    }

    private async Task<(int ExitCode, string Output, string Error)> ScriptAsync(string account, string token, string lines)
    {
        var file = Path.Combine(_folder, account);
        await File.WriteAllTextAsync(file, token, Ending);
        return await HostProcess.RunAsync([.. Arguments(account), "--token-file", file], Ending, lines);
    }
}
