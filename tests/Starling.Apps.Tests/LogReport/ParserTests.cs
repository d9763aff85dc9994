using System.Globalization;
using System.Text;
using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Formats;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.Tests.LogReport;

public sealed class ParserTests
{
    private const string Common = """127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?x=1 HTTP/1.0" 200 2326""";
    private const string Agent = """ "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)" """;

    [Theory]
    [InlineData(LogFormat.Common, Common, "127.0.0.1 /apache_pb.gif 200 2326 none 971211300")]
    [InlineData(LogFormat.Combined, Common + Agent, "127.0.0.1 /apache_pb.gif 200 2326 none 971211300")]
    [InlineData(LogFormat.Timed, Common + " 0.012", "127.0.0.1 /apache_pb.gif 200 2326 12000 971211300")]
    [InlineData(LogFormat.Timed, Common + Agent + "345", "127.0.0.1 /apache_pb.gif 200 2326 345 971211300")]
    [InlineData(LogFormat.Timed, Common + Agent + "\"1.1.1.1\" -", "127.0.0.1 /apache_pb.gif 200 2326 none 971211300")]
    [InlineData(LogFormat.Common, """::1 - two words [01/Jan/1970:00:00:00 +0000] "GET /\"a\" HTTP/1.1" 404 -""", """::1 /\"a\" 404 0 none 0""")]
    [InlineData(LogFormat.Common, """a - - [31/Dec/2025:23:59:60 +0530] "-" 400 0""", "a - 400 0 none 1767205800")]
    [InlineData(LogFormat.Json, """{"remote_addr":"1.2.3.4","time":"2025-10-10T10:00:00+02:00","request":"GET /a?b HTTP/1.1","status":"200","body_bytes_sent":"12","request_time":"0.25"}""", "1.2.3.4 /a 200 12 250000 1760083200")]
    [InlineData(LogFormat.Json, """{"ts":1760083200.5,"request":{"remote_ip":"::1","uri":"/\u00e9?q","headers":{"uri":["x"]}},"status":404,"size":7,"duration":1.2e-05}""", "::1 /\u00e9 404 7 12 1760083200")]
    public void A_line_is_read(LogFormat format, string line, string expected) => Assert.Equal(expected, Read(format, line));

    [Theory]
    [InlineData(LogFormat.Common, Common + Agent)]
    [InlineData(LogFormat.Combined, Common)]
    [InlineData(LogFormat.Timed, Common + Agent + "fast")]
    [InlineData(LogFormat.Common, """a - - [31/Feb/2025:23:59:00 +0000] "-" 400 0""")]
    [InlineData(LogFormat.Common, """a - - [10/Okt/2025:23:59:00 +0000] "-" 400 0""")]
    [InlineData(LogFormat.Common, """a - - [10/Oct/2025:23:59:61 +0000] "-" 400 0""")]
    [InlineData(LogFormat.Common, """a - - [10/Oct/2025:23:59:00 +0000] "GET / 400 0""")]
    [InlineData(LogFormat.Common, """a - - [10/Oct/2025:23:59:00 +0000] "GET \" 400 0""")]
    [InlineData(LogFormat.Common, """ - - [10/Oct/2025:23:59:00 +0000] "-" 400 0""")]
    [InlineData(LogFormat.Common, """a - - [10/Oct/2025:23:59:00 +0000] "-" 4000 0""")]
    [InlineData(LogFormat.Common, """a - - [10/Oct/2025:23:59:00 +0000] "-" 400 1e3""")]
    [InlineData(LogFormat.Common, """a - - [10/Oct/2025:23:59:00 +0000] "-" 400 """)]
    [InlineData(LogFormat.Json, """{"status":200""")]
    [InlineData(LogFormat.Json, """{"level":"info"}""")]
    [InlineData(LogFormat.Json, """{"status":200} {}""")]
    [InlineData(LogFormat.Json, "[200]")]
    [InlineData(LogFormat.Json, """{"status":"two"}""")]
    public void A_line_of_another_format_is_bad(LogFormat format, string line) => Assert.Equal("bad", Read(format, line));

    [Theory]
    [InlineData(Common, LogFormat.Common)]
    [InlineData(Common + Agent, LogFormat.Combined)]
    [InlineData(Common + Agent + "0.1", LogFormat.Timed)]
    [InlineData("""{"path":"/","status":200}""", LogFormat.Json)]
    [InlineData("hello", null)]
    public void The_format_is_guessed(string line, LogFormat? expected) =>
        Assert.Equal(expected, FormatGuess.Of(Encoding.UTF8.GetBytes($"junk\n{line}\n{line}\n")));

    [Theory]
    [InlineData(TimeUnit.Auto, "1.5", 1_500_000)]
    [InlineData(TimeUnit.Auto, "15", 15)]
    [InlineData(TimeUnit.Seconds, "2", 2_000_000)]
    [InlineData(TimeUnit.Milliseconds, "2.5", 2500)]
    [InlineData(TimeUnit.Microseconds, "2.5", 2)]
    [InlineData(TimeUnit.Auto, "0.0000019", 1)]
    public void The_unit_of_the_time_can_be_told(TimeUnit unit, string text, long microseconds)
    {
        Assert.True(Durations.TryParse(Encoding.ASCII.GetBytes(text), unit, out var read));
        Assert.Equal(microseconds, read);
    }

    [Fact]
    public void A_pattern_of_the_user_reads_its_groups()
    {
        var settings = new ReportSettings { Pattern = @"^(?<time>\S+) (?<host>\S+) (?<path>\S+) -> (?<status>\d+) (?<bytes>\d+)b (?<latency>[\d.]+)ms$", Unit = TimeUnit.Milliseconds };
        Assert.Equal("h\u00e9 /x 201 5 1500 1760083200", Read(LogFormat.Pattern, "2025-10-10T08:00:00Z h\u00e9 /x?y -> 201 5b 1.5ms", settings));
        Assert.Equal("bad", Read(LogFormat.Pattern, "2025-10-10T08:00:00Z h /x -> 20100 5b 1.5ms", settings));
        Assert.Equal("bad", Read(LogFormat.Pattern, "else", settings));
    }

    [Theory]
    [InlineData(@"(?<host>\S+", "at character")]
    [InlineData(@"(?<hots>\S+)", "a group 'hots', which means nothing here")]
    [InlineData(@"\S+", "no named group")]
    public void A_pattern_that_cannot_be_used_is_refused_with_the_reason(string pattern, string expected) =>
        Assert.Contains(expected, Assert.Throws<PatternException>(() => LogPattern.Create(pattern)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_would_take_for_ever_makes_a_line_bad()
    {
        // It looks back, so it cannot be matched without backtracking.
        var settings = new ReportSettings { Pattern = @"^(?<host>(a+)+)\2$" };
        Assert.Equal("bad", Read(LogFormat.Pattern, new string('a', 40) + "!", settings));
    }

    [Fact]
    public void Lines_outside_of_the_time_are_counted_apart()
    {
        var settings = new ReportSettings { From = 60, To = 120 };
        var report = new PartialReport();
        var scanner = LineScanner.Create(LogFormat.Common, settings, report);
        foreach (var minute in new[] { "00:59", "01:00", "01:59", "02:00" })
        {
            scanner.Scan(Encoding.ASCII.GetBytes($"a - - [01/Jan/1970:00:{minute} +0000] \"GET / HTTP/1.1\" 200 1\n"), 0);
        }

        Assert.Equal((2, 2, 4), (report.Hits, report.Outside, report.Lines));
    }

    private static string Read(LogFormat format, string line, ReportSettings? settings = null)
    {
        var report = new PartialReport();
        LineScanner.Create(format, settings ?? new ReportSettings(), report).Scan(Encoding.UTF8.GetBytes(line), 0);
        if (report.Hits == 0)
        {
            Assert.Equal(1, report.Bad.Count);
            return "bad";
        }

        var status = report.Statuses.IndexOf(1);
        var latency = report.Latencies.Count == 0 ? "none" : report.Latencies.Sum.ToString(CultureInfo.InvariantCulture);
        var minute = report.Minutes.Steps().Single().Key;
        return $"{Encoding.UTF8.GetString(report.Clients.Top(1)[0].Key)} {Encoding.UTF8.GetString(report.Paths.Top(1)[0].Key)} {status} {report.Bytes} {latency} {minute}";
    }
}
