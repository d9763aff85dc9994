namespace Starling.EndToEnd.Tests.Terminals;

public sealed class TerminalTests
{
    [Fact]
    public async Task Help_is_shown_in_a_terminal_and_ends_with_success()
    {
        await using var terminal = await Terminal.StarlingAsync(["--help"]);
        Assert.Equal(0, await terminal.WaitForEndAsync());
        Assert.Contains("serve", await terminal.ScreenAsync(), StringComparison.Ordinal);
    }
}
