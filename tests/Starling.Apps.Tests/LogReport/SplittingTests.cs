using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Formats;
using Starling.Apps.LogReport.Reading;
using Starling.Apps.LogReport.Running;

namespace Starling.Apps.Tests.LogReport;

public sealed class SplittingTests
{
    private static readonly string[] Times = ["10/Oct/2025:13:55:36 +0000", "10/Oct/2025:13:55:59 +0000", "10/Oct/2025:13:56:01 -0730", "29/Feb/2023:00:00:00 +0000", "31/Dec/1969:23:59:59 +0000"];
    private static readonly string[] Requests = ["GET / HTTP/1.1", "GET /a?b=c HTTP/1.1", "POST /\\\"quoted\\\"/x HTTP/2", "-", "", "\\x16\\x03", "GET", "GET ", "GET /\\\\ HTTP/1.1", "PUT /\u00e9\u0001?"];
    private static readonly string[] Users = ["- -", "- bob", "- two words", "ident -", "- a [b"];
    private static readonly string[] Latencies = ["0.004", "12", "1.5", "x", "", "0.", "7.1234567", "999999999"];

    private static readonly Gen<string> GoodLine =
        from host in Gen.Choose(0, 5)
        from user in Gen.Elements(Users)
        from time in Gen.Elements(Times)
        from request in Gen.Elements(Requests)
        from status in Gen.Elements("200", "404", "500", "099", "20", "-")
        from bytes in Gen.Elements("0", "123456", "-", "12x", "")
        from agent in Gen.Elements("curl", "a \\\" b", "", "\\\\", "open \\\"")
        from latency in Gen.Elements(Latencies)
        from more in Gen.Elements("", " \"10.1.1.1\"", " -")
        select $"10.0.0.{host} {user} [{time}] \"{request}\" {status} {bytes} \"-\" \"{agent}\"{more} {latency}";

    private static readonly Gen<string> Line = Gen.Frequency(
        (12, GoodLine),
        (1, Gen.Elements("", " ", "\"", "nonsense", "a b c", "\u0000\u00ff\u0007", "1 - - [", new string('x', 300))),
        (1, Gen.Elements(new string('y', LineScanner.MaxLineBytes + 1), new string('z', LineScanner.MaxLineBytes), new string('w', 700_000))));

    private static readonly Gen<string> Log =
        from lines in Line.ListOf()
        from ends in Gen.Elements("\n", "\n", "\n", "\r\n").ListOf(lines.Count)
        from isEnded in ArbMap.Default.GeneratorFor<bool>()
        let text = string.Concat(lines.Zip(ends, (line, end) => line + end))
        select isEnded || text.Length == 0 ? text : text[..^1];

    [Fact]
    public void Any_split_of_a_file_gives_the_report_of_the_whole()
    {
        var cases = from log in Log
                    from cuts in Gen.Choose(0, Math.Max(1, log.Length)).ListOf(5)
                    from order in Gen.Shuffle(Enumerable.Range(0, 6))
                    select (log, cuts, order);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(cases.ToArbitrary(), input => SplitAndCompare(input.log, input.cuts, input.order)));
    }

    [Fact]
    public void Merging_is_associative_and_commutative_and_survives_being_written_and_read()
    {
        var cases = from a in Log from b in Log from c in Log select (a, b, c);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(50), Prop.ForAll(cases.ToArbitrary(), input =>
        {
            var expected = NaiveReport.Summary(Merge(Merge(Scan(input.a, 0), Scan(input.b, 1)), Scan(input.c, 2)));
            Assert.Equal(expected, NaiveReport.Summary(Merge(Scan(input.a, 0), Merge(Scan(input.b, 1), Scan(input.c, 2)))));
            Assert.Equal(expected, NaiveReport.Summary(Merge(Scan(input.c, 2), Merge(Copy(Scan(input.b, 1)), Scan(input.a, 0)))));
        }));
    }

    private static void SplitAndCompare(string log, IEnumerable<int> cuts, int[] order)
    {
        var bytes = Encoding.Latin1.GetBytes(log);
        using var file = new LogFile(bytes);
        using var source = LogSource.Open(0, file.Path, LogFormat.Timed);
        long[] borders = [0, .. cuts.Select(cut => (long)Math.Min(cut, bytes.Length)).Order(), bytes.Length];
        var whole = new PartialReport();
        foreach (var piece in order)
        {
            var worker = new PieceWorker(new ReportSettings());
            worker.Do(new FilePiece(source, piece, borders[piece], borders[piece + 1]), _ => { }, TestContext.Current.CancellationToken);
            whole.Merge(worker.Report);
        }

        var expected = NaiveReport.Of(bytes);
        Assert.Equal(expected.Summary(), NaiveReport.Summary(whole));
        Assert.Equal(
            expected.Bad.Take(BadLines.MaxKept),
            whole.Bad.First.Select(line => (source.Lines.Before(line.Piece) + line.Line + 1, line.Offset)));
    }

    private static PartialReport Scan(string log, int source)
    {
        var report = new PartialReport();
        var scanner = LineScanner.Create(LogFormat.Timed, new ReportSettings(), report);
        scanner.Begin(source, 0);
        scanner.Scan(Encoding.Latin1.GetBytes(log), 0);
        return report;
    }

    private static PartialReport Merge(PartialReport a, PartialReport b)
    {
        var result = new PartialReport();
        result.Merge(a);
        result.Merge(b);
        return result;
    }

    private static PartialReport Copy(PartialReport report)
    {
        using var stream = new MemoryStream();
        report.Write(stream);
        stream.Position = 0;
        return PartialReport.Read(stream);
    }
}
