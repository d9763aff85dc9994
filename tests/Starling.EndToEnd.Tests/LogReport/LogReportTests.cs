using Starling.EndToEnd.Tests.Hosts;
using Starling.EndToEnd.Tests.Terminals;

namespace Starling.EndToEnd.Tests.LogReport;

public sealed class LogReportTests
{
    [Theory]
    [InlineData("threads", "1")]
    [InlineData("threads", "3")]
    [InlineData("processes", "2")]
    public async Task The_report_says_what_the_log_does(string run, string workers)
    {
        using var log = SampleLog.Write(60_000);
        var (code, output, error) = await RunAsync("--json", "--run", run, "--workers", workers, log.Path);
        Assert.Equal((0, ""), (code, error));
        JsonReport.AssertIs(log, output);
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("processes")]
    public async Task A_compressed_log_of_several_members_is_read_whatever_its_name(string run)
    {
        using var log = SampleLog.Write(60_000);
        var (code, output, error) = await RunAsync("--json", "--run", run, log.Compress());
        Assert.Equal((0, ""), (code, error));
        JsonReport.AssertIs(log, output);
    }

    [Fact]
    public async Task Standard_input_is_read_where_the_name_is_a_dash()
    {
        using var log = SampleLog.Write(5000);
        var (code, output, error) = await HostProcess.RunAsync(
            ["apps", "logreport", "--json", "-"], TestContext.Current.CancellationToken, await File.ReadAllTextAsync(log.Path, TestContext.Current.CancellationToken));
        Assert.Equal((0, ""), (code, error));
        JsonReport.AssertIs(log, output);
        using var json = System.Text.Json.JsonDocument.Parse(output);
        Assert.Equal(new FileInfo(log.Path).Length, json.RootElement.GetProperty("bytesRead").GetInt64());
    }

    [Fact]
    public async Task A_terminal_shows_a_bar_and_tables()
    {
        using var log = SampleLog.Write(20_000);
        await using var terminal = await Terminal.StarlingAsync(["apps", "logreport", log.Path], height: 100);
        Assert.Equal(0, await terminal.WaitForEndAsync(TimeSpan.FromSeconds(60)));
        var screen = await terminal.ScreenAsync();
        Assert.Contains("Reading", screen, StringComparison.Ordinal);
        Assert.Contains("100%", screen, StringComparison.Ordinal);
        Assert.Contains("╭", screen, StringComparison.Ordinal);
        Assert.Contains("Top paths", screen, StringComparison.Ordinal);
        Assert.Contains("Hits per minute (UTC)", screen, StringComparison.Ordinal);
        Assert.Contains("this is no line of an access log", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_without_a_report()
    {
        await using var terminal = await Terminal.StarlingAsync(["apps", "logreport", "-"]);
        await terminal.WaitForAsync("Reading", TimeSpan.FromSeconds(60));
        await terminal.PressAsync("C-c");
        Assert.Equal(130, await terminal.WaitForEndAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("Stopped; there is no report.", await terminal.ScreenAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_is_redirected_the_report_is_plain_text_that_a_log_cannot_make_a_terminal_act_on()
    {
        using var log = SampleLog.Write(1000);
        var evil = log.Add("evil.log", "a - - [10/Oct/2025:08:00:00 +0000] \"GET /\u001b[2Jx[red]y HTTP/1.1\" 200 1\n"u8.ToArray());
        var (code, output, error) = await RunAsync(evil);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(@"/\x1b[2Jx[red]y", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain("╭", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_lines_of_the_wanted_time_count()
    {
        using var log = SampleLog.Write(20_000);
        var (code, output, _) = await RunAsync("--json", "--from", "2025-10-10T08:01", "--to", "2025-10-10T10:02:00+02:00", log.Path);
        Assert.Equal(0, code);
        Assert.Contains($"\"hits\": {log.Minutes["2025-10-10T08:01Z"]}", output, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        HostProcess.RunAsync(["apps", "logreport", .. arguments], TestContext.Current.CancellationToken);
}
