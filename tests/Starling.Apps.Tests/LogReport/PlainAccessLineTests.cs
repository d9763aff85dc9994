using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Starling.Apps.LogReport.Formats;

namespace Starling.Apps.Tests.LogReport;

public sealed class PlainAccessLineTests
{
    // What follows the line: enough that vectors can be loaded, and full of what a search could wrongly stop at.
    private const string Next = "1.2.3.4 - - [10/Oct/2025:13:55:36 +0000] \"GET /next HTTP/1.1\" 200 5 \"-\" \"next\" 0.001\n";

    private static Gen<string> Line(LogFormat format) =>
        from host in Gen.Elements("10.0.0.1", "h", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", "", "a\"b", new string('h', 600))
        from user in Often("- -", "- bob", "ident -", "-  -")
        from time in Often("10/Oct/2025:13:55:36 +0000", "10/Oct/2025:13:56:60 -0730", "31/Feb/2025:13:55:36 +0000", "10/Oct/2025")
        from request in Gen.Elements(
            "GET /articles/17/view HTTP/1.1", "GET /a?b=c HTTP/1.1", "GET /a", "GET /a?", "GET / HTTP/1.1 x", "GET  HTTP", "-", "", "GET", "GET ", " /", "GET /a!b\tc HTTP/1.1",
            "GET /\\\"q\\\" HTTP/1.1", "GET /q? \\\" HTTP/1.1", "GET /\\\\", "\\", "GET /" + new string('p', 100) + "?" + new string('q', 100) + " HTTP/2")
        from status in Often("200", "999", "099", "20", "2000", "2x0", "")
        from bytes in Often("12345", "0", "-", "1234567", "12345678", "123456789012345678", "1234567890123456789", "12x", "", "--")
        from agent in Often(
            format == LogFormat.Common ? "" : " \"-\" \"curl/8.5.0\"", "", " \"-\" \"curl/8.5.0\"", " \"\" \"\"", " \"a\"", " \"a\" b", " \"a\" \"b \\\" c\"", " \"a\\\\\" \"b\"", " \"a\"  \"b\"", " \"https://example.com/" + new string('r', 70) + "\" \"" + new string('g', 200) + "\"")
        from more in Often("", " \"10.1.1.1\"", " -", " x 1", "  ")
        from latency in Often(format == LogFormat.Timed ? " 0.062" : "", "", " 0.062", " 12", " 1.5", " 0.", " .5", " 7.1234567", " 1.123456", " 1234567.5", " 12345678.25", " -", " 1.2e-05", " 0.5x", " 0.5 ", " 999999999999999")
        select $"{host} {user} [{time}] \"{request}\" {status} {bytes}{agent}{more}{latency}";

    [Theory]
    [InlineData((int)LogFormat.Common)]
    [InlineData((int)LogFormat.Combined)]
    [InlineData((int)LogFormat.Timed)]
    public void What_is_read_in_one_pass_is_what_the_parser_of_lines_reads(int format)
    {
        var read = 0;
        var cases = from line in Line((LogFormat)format)
                    from changed in Gen.Choose(0, line.Length * 3)
                    from to in Gen.Elements('\n', '"', ' ', '\\', '\r', '?', '0', 'x', '\u00ff', '\0')
                    from end in Gen.Elements("\n", "\n", "\r\n", "\r\r\n", "\r")
                    from unit in Gen.Elements(TimeUnit.Auto, TimeUnit.Seconds, TimeUnit.Milliseconds, TimeUnit.Microseconds)
                    select ((changed < line.Length ? line[..changed] + to + line[(changed + 1)..] : line) + end, unit);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(cases.ToArbitrary(), input =>
        {
            var bytes = Encoding.Latin1.GetBytes(input.Item1 + Next);
            read += Compare(bytes, (LogFormat)format, input.unit);
        }));
        Assert.True(read > 200, $"Only {read} lines were read in one pass.");
    }

    [Fact]
    public void Lines_at_every_place_before_the_end_of_the_data_are_read_alike_or_left_to_the_parser()
    {
        var bytes = Encoding.Latin1.GetBytes(Next + Next);
        for (var length = 0; length < bytes.Length; length++)
        {
            Compare(bytes.AsSpan(0, length), LogFormat.Timed, TimeUnit.Auto);
        }
    }

    [Fact]
    public void Up_to_seven_digits_are_read_whatever_follows_them()
    {
        Span<byte> text = stackalloc byte[8];
        for (var following = 0; following < 256; following++)
        {
            if (following is >= '0' and <= '9')
            {
                continue;
            }

            for (var digits = 0; digits < 8; digits++)
            {
                text.Fill((byte)following);
                "9080706"u8[..digits].CopyTo(text);
                var value = ShortNumber.Read(ref text[0], out var seen);
                Assert.Equal(digits, seen);
                Assert.True(digits == 0 || value == uint.Parse("9080706"u8[..digits], null));
            }
        }
    }

    /// <returns>1 if the first line was read in one pass, else 0.</returns>
    private static int Compare(ReadOnlySpan<byte> data, LogFormat format, TimeUnit unit)
    {
        var fast = new AccessLineParser(format, unit);
        var record = default(LogRecord);
        if (!fast.TryReadFirst(data, ref record, out var length))
        {
            return 0;
        }

        var end = data.IndexOf((byte)'\n');
        Assert.Equal(end + 1, length);
        var line = data[..end];
        line = line.EndsWith("\r"u8) ? line[..^1] : line;
        var expected = default(LogRecord);
        Assert.True(new AccessLineParser(format, unit).TryParse(line, ref expected), Encoding.Latin1.GetString(line));
        Assert.Equal(
            (Text(expected.Host), Text(expected.Path), expected.Status, expected.Bytes, expected.Latency, expected.Time),
            (Text(record.Host), Text(record.Path), record.Status, record.Bytes, record.Latency, record.Time));
        return 1;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    // The first one mostly.
    private static Gen<string> Often(params string[] values) => Gen.Frequency((values.Length * 6, Gen.Constant(values[0])), (values.Length, Gen.Elements(values)));
}
