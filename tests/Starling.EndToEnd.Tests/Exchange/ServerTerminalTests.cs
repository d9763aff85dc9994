using System.Net;
using System.Net.Sockets;
using Starling.EndToEnd.Tests.Terminals;

namespace Starling.EndToEnd.Tests.Exchange;

/// <summary>The operator's console, typed into at a real terminal.</summary>
public sealed class ServerTerminalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("starling-exchange-").FullName;

    [Fact]
    public async Task Every_command_of_the_console_works_at_a_terminal()
    {
        await using var terminal = await OpenAsync();
        await terminal.TypeLineAsync("book");
        await terminal.WaitForAsync("Nothing is listed yet.");
        await terminal.TypeLineAsync("list ACME 1000 12.50");
        await terminal.WaitForAsync("1000 of         1000 at 12.50");
        await terminal.TypeLineAsync("list ACME 500");
        await terminal.WaitForAsync("1500 of         1500 at 12.50");
        await terminal.TypeLineAsync("add-account ada");
        await terminal.WaitForAsync(screen => screen.Split('\n').Any(line => line.StartsWith("ada ", StringComparison.Ordinal) && line.Trim().Length > 30), "a token");
        await terminal.TypeLineAsync("accounts");
        await terminal.WaitForAsync(screen => screen.Split('\n').Any(line => line.Trim() == "ada"), "the account");
        await terminal.TypeLineAsync("help");
        await terminal.WaitForAsync("open an account and show its token, once");
        await terminal.TypeLineAsync("stop");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    [Theory]
    [InlineData("lst ACME 10 1", "There is no command 'lst'; is 'list' meant?")]
    [InlineData("list ACME", "'list' is written otherwise:")]
    [InlineData("list ACME 10", "ACME is new; say at what price")]
    [InlineData("list ACME ten 1", "'ten' is no number of shares")]
    [InlineData("list AC/ME 10 1", "'AC/ME' is no symbol")]
    [InlineData("list ACME 10 0", "'0' is no price")]
    [InlineData("add-account a/b", "'a/b' cannot name an account")]
    [InlineData("dance", "There is no command 'dance':")]
    public async Task Wrong_input_is_explained_and_the_console_goes_on(string line, string explanation)
    {
        await using var terminal = await OpenAsync();
        await terminal.TypeLineAsync(line);
        await terminal.WaitForAsync("error: " + explanation);
        await terminal.TypeLineAsync("book");
        await terminal.WaitForAsync("Nothing is listed yet.");
    }

    [Fact]
    public async Task Control_C_ends_the_exchange_in_order()
    {
        await using var terminal = await OpenAsync();
        await terminal.PressAsync("C-c");
        Assert.Equal(0, await terminal.WaitForEndAsync());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<Terminal> OpenAsync()
    {
        using var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var feed = $"239.192.77.3:{((IPEndPoint)probe.Client.LocalEndPoint!).Port}";
        var terminal = await Terminal.StarlingAsync(
            ["apps", "exchange", "--listen", "127.0.0.1:0", "--recovery", "127.0.0.1:0", "--feed", feed, "--data", _folder]);
        await terminal.WaitForAsync("Listening on ");
        return terminal;
    }
}
