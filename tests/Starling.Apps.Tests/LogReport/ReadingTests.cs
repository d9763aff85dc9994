using System.Text;
using Starling.Apps.LogReport.Formats;
using Starling.Apps.LogReport.Reading;
using Starling.Apps.LogReport.Running;

namespace Starling.Apps.Tests.LogReport;

public sealed class ReadingTests
{
    private const string Line = "a - - [10/Oct/2025:08:00:00 +0000] \"GET / HTTP/1.1\" 200 1\n";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_that_grows_is_read_to_where_it_was_when_it_was_opened()
    {
        using var file = new LogFile(string.Concat(Enumerable.Repeat(Line, 100)));
        using var source = LogSource.Open(0, file.Path, LogFormat.Auto);
        await File.AppendAllTextAsync(file.Path, Line + Line, CancellationToken);
        var context = new RunContext([source], new ReportSettings(), 2);
        Assert.Equal(100, (await ThreadRun.RunAsync(context, CancellationToken)).Hits);
        Assert.Empty(context.Failures);
    }

    [Fact]
    public async Task A_file_that_shrinks_is_reported_as_far_as_it_goes_and_named()
    {
        using var file = new LogFile(string.Concat(Enumerable.Repeat(Line, 100)));
        using var source = LogSource.Open(0, file.Path, LogFormat.Auto);
        using (var writer = new FileStream(file.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            writer.SetLength(Line.Length * 40);
        }

        var context = new RunContext([source], new ReportSettings(), 2);
        Assert.Equal(40, (await ThreadRun.RunAsync(context, CancellationToken)).Hits);
        Assert.Contains("became shorter", Assert.Single(context.Failures).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_renamed_and_replaced_is_read_as_it_was()
    {
        using var file = new LogFile(Line + Line);
        using var source = LogSource.Open(0, file.Path, LogFormat.Auto);
        File.Move(file.Path, file.Path + ".1");
        await File.WriteAllTextAsync(file.Path, "something else", CancellationToken);
        var context = new RunContext([source], new ReportSettings(), 1);
        Assert.Equal(2, (await ThreadRun.RunAsync(context, CancellationToken)).Hits);
    }

    [Theory]
    [InlineData(LineScanner.MaxLineBytes, 1, 2)]
    [InlineData(LineScanner.MaxLineBytes + 1, 1, 2)]
    [InlineData(10_000_000, 1, 2)]
    public async Task A_line_that_is_too_long_is_one_bad_line(int length, long bad, long hits)
    {
        using var file = new LogFile(Line + new string('x', length) + "\n" + Line);
        var (report, failures, _) = await file.ReadAsync();
        Assert.Equal((bad, hits, 3), (report.Bad.Count, report.Hits, report.Lines));
        Assert.Equal(Line.Length, Assert.Single(report.Bad.First).Offset);
        Assert.Equal(length > LineScanner.MaxLineBytes, report.Bad.First[0].IsTooLong);
        Assert.Empty(failures);
    }

    [Fact]
    public async Task A_compressed_file_gives_what_the_plain_one_does_with_the_same_numbers_of_lines()
    {
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 30_000).Select(i => i is 7 or 29_000 ? "bad\n" : Line)) + new string('x', 2_000_000) + "\nbad");
        using var plain = new LogFile(text);
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(text);
        }

        using var compressed = new LogFile(packed.ToArray());
        var (expected, _, file) = await plain.ReadAsync();
        var (report, failures, stream) = await compressed.ReadAsync();
        Assert.Empty(failures);
        Assert.Equal(NaiveReport.Summary(expected), NaiveReport.Summary(report));
        long[] lines = [8, 29_001, 30_001, 30_002];
        Assert.Equal(lines, expected.Bad.First.Select(line => file.Lines.Before(line.Piece) + line.Line + 1));
        Assert.Equal(lines, report.Bad.First.Select(line => stream.Lines.Before(line.Piece) + line.Line + 1));
        Assert.Equal(expected.Bad.First.Select(line => line.Offset), report.Bad.First.Select(line => line.Offset));
    }
}
