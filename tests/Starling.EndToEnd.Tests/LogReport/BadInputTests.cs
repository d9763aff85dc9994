using System.Text;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.LogReport;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("Name the logs")]
    [InlineData("should be one of auto", "--format", "apache", "x")]
    [InlineData("should be a number from 1", "--workers", "0", "x")]
    [InlineData("should be a number from 0", "--top", "many", "x")]
    [InlineData("should be a time", "--from", "yesterday", "x")]
    [InlineData("--from should be before --to", "--from", "2025-01-02", "--to", "2025-01-01", "x")]
    [InlineData("should be one of threads, processes", "--run", "fibers", "x")]
    [InlineData("at character 10: ", "--pattern", @"(?<host>a", "x")]
    [InlineData("which means nothing here", "--pattern", "(?<name>a)", "x")]
    [InlineData("not both", "--pattern", "(?<host>a)", "--format", "json", "x")]
    [InlineData("There is no option '--colour'", "--colour", "x")]
    [InlineData("name - once", "-", "-")]
    public async Task A_command_that_is_not_understood_ends_with_2_and_says_why(string expected, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (code, output));
    }

    [Fact]
    public async Task Files_that_cannot_be_read_are_named_with_the_reason_and_the_others_are_reported()
    {
        using var log = SampleLog.Write(3000);
        var folder = Path.GetDirectoryName(log.Path)!;
        var missing = Path.Combine(folder, "missing.log");
        var compressed = log.Compress();
        var truncated = log.Add("truncated.gz", File.ReadAllBytes(compressed)[..^5000]);
        var junk = log.Add("junk", [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31 / 7))]);
        var (code, output, error) = await RunAsync("--json", missing, log.Path, folder, junk);
        Assert.Equal(1, code);
        JsonReport.AssertIs(log, output);
        Assert.Contains($"{missing}: There is no such file.", error, StringComparison.Ordinal);
        Assert.Contains($"{folder}: It is a folder", error, StringComparison.Ordinal);
        Assert.Contains($"{junk}: Its format is not recognised", error, StringComparison.Ordinal);

        (code, output, error) = await RunAsync("--json", truncated);
        Assert.Equal(1, code);
        Assert.Contains($"{truncated}: It is no whole gzip file", error, StringComparison.Ordinal);
        Assert.DoesNotContain("\"hits\": 0,", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Binary_junk_is_counted_as_lines_that_do_not_match()
    {
        using var log = SampleLog.Write(1);
        var junk = log.Add("junk", [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31 / 7))]);
        var (code, output, error) = await RunAsync("--format", "combined", junk);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("First lines that do not match", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_log_has_an_empty_report()
    {
        using var log = SampleLog.Write(1);
        var (code, output, error) = await RunAsync("--json", log.Add("empty.log", []));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("\"lines\": 0,", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_of_lines_of_Windows_and_a_missing_last_one_are_no_matter()
    {
        using var log = SampleLog.Write(2000);
        var text = (await File.ReadAllTextAsync(log.Path, TestContext.Current.CancellationToken)).TrimEnd('\n').Replace("\n", "\r\n", StringComparison.Ordinal);
        var (code, output, _) = await RunAsync("--json", log.Add("windows.log", Encoding.ASCII.GetBytes(text)));
        Assert.Equal(0, code);
        JsonReport.AssertIs(log, output);
    }

    [Fact]
    public async Task A_file_without_permission_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other permissions.");
        using var log = SampleLog.Write(1);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(log.Path, UnixFileMode.None);
        }

        // Root may read everything, unless that right is taken from it.
        string[] prefix = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
        var (code, _, error) = await HostProcess.RunAsync(["apps", "logreport", log.Path], TestContext.Current.CancellationToken, prefix: prefix);
        Assert.Equal(1, code);
        Assert.Contains("There is no permission to read it.", error, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        HostProcess.RunAsync(["apps", "logreport", .. arguments], TestContext.Current.CancellationToken);
}
