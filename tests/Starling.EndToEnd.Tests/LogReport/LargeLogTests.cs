using System.Text;

namespace Starling.EndToEnd.Tests.LogReport;

public sealed class LargeLogTests
{
    private const string NeedsProc = "Looks at processes in /proc, which only Linux has.";

    [Fact]
    public async Task A_worker_killed_in_the_middle_changes_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), NeedsProc);
        using var log = SampleLog.Write(100_000, times: 20);
        await using var run = new LogReportProcess("--json", "--run", "processes", "--workers", "2", log.Path);
        await run.KillWorkerWhileItReadsAsync(log.Path);
        var (code, output, error, _) = await run.WaitAsync();
        Assert.Equal((0, ""), (code, error));
        JsonReport.AssertIs(log, output);
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("processes")]
    public async Task A_log_of_gigabytes_with_a_line_of_gigabytes_takes_little_memory(string run)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), NeedsProc);
        using var log = SampleLog.Write(50_000, times: 60);

        // A hole in the file: zeros that take no room on the disk, and no end of a line among them. The line after it begins behind its end.
        using (var file = new FileStream(log.Path, FileMode.Open, FileAccess.Write))
        {
            file.Seek(2L << 30, SeekOrigin.End);
            file.Write("\nthe end\n"u8);
        }

        await using var process = new LogReportProcess("--json", "--run", run, "--workers", "2", log.Path);
        var (code, output, error, peak) = await process.WaitAsync();
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"\"lines\": {log.Lines + 2},", output, StringComparison.Ordinal);
        Assert.Contains($"\"hits\": {log.Hits},", output, StringComparison.Ordinal);
        Assert.Contains($"\"bytes\": {log.Bytes},", output, StringComparison.Ordinal);
        Assert.InRange(peak, 1, 300 << 20);
    }

    [Fact]
    public async Task More_paths_and_clients_than_are_held_take_little_memory_and_the_report_says_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), NeedsProc);
        using var log = SampleLog.Write(1);
        var text = new StringBuilder();
        for (var i = 0; i < 600_000; i++)
        {
            text.Append(null, $"2001:db8::{i:x} - - [10/Oct/2025:08:00:00 +0000] \"GET /{(i % 3 == 0 ? 0 : i):d60} HTTP/1.1\" 200 1\n");
        }

        var path = log.Add("many.log", Encoding.ASCII.GetBytes(text.ToString()));
        await using var process = new LogReportProcess("--workers", "2", "--top", "1", path);
        var (code, output, error, peak) = await process.WaitAsync();
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"/{0:d60} ", output, StringComparison.Ordinal);
        Assert.Contains("There are too many for exact counts", output, StringComparison.Ordinal);
        Assert.InRange(peak, 1, 400 << 20);
    }
}
