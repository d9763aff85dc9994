using System.Runtime.CompilerServices;

namespace Starling.Apps.LogReport.Formats;

/// <summary>Reads the common and the combined format of web servers, also with the request's time at the end of the line.</summary>
/// <param name="format">Which of them.</param>
/// <param name="unit">Unit of the request's time.</param>
internal struct AccessLineParser(LogFormat format, TimeUnit unit) : ILineParser
{
    private LineTime _time;

    public bool TryReadFirst(ReadOnlySpan<byte> data, ref LogRecord record, out int length) =>
        PlainAccessLine.TryRead(data, format, unit, ref _time, ref record, out length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryParse(ReadOnlySpan<byte> line, ref LogRecord record)
    {
        var at = line.IndexOf((byte)' ');
        if (at <= 0)
        {
            return false;
        }

        record.Host = line[..at];
        line = line[at..];
        if (line.StartsWith(" - - ["u8))
        {
            line = line[6..];
        }
        else if (!TrySkipUser(ref line))
        {
            return false;
        }

        if (line.Length <= LineTime.Length + 2 || line[LineTime.Length] != ']' || line[LineTime.Length + 1] != ' ' || line[LineTime.Length + 2] != '"'
            || !_time.TryParse(line, out record.Time))
        {
            return false;
        }

        line = line[(LineTime.Length + 3)..];
        at = EndOfQuoted(line);
        if (at < 0)
        {
            return false;
        }

        record.Path = RequestLine.Path(line[..at]);
        line = line[(at + 1)..];
        if (line.Length < 6 || line[0] != ' ' || line[4] != ' ' || !Digits.TryReadStatus(line[1..4], out record.Status))
        {
            return false;
        }

        line = line[5..];
        at = line.IndexOf((byte)' ');
        var bytes = at < 0 ? line : line[..at];
        if (!Digits.TryReadBytes(bytes, out record.Bytes))
        {
            return false;
        }

        record.Latency = LogRecord.None;
        line = line[bytes.Length..];
        return format switch
        {
            LogFormat.Common => line.IsEmpty,
            LogFormat.Combined => TrySkipAgent(ref line) && (line.IsEmpty || line[0] == ' '),
            _ => line.Length > 1 && (line[1] != '"' || TrySkipAgent(ref line)) && TryReadLatency(line, ref record),
        };
    }

    private readonly bool TryReadLatency(ReadOnlySpan<byte> rest, ref LogRecord record) =>
        rest.LastIndexOf((byte)' ') is >= 0 and var at && rest[0] == ' ' && Durations.TryParse(rest[(at + 1)..], unit, out record.Latency);

    // A name may have blanks in it, so it ends where the time begins.
    private static bool TrySkipUser(ref ReadOnlySpan<byte> line)
    {
        var ident = line[1..].IndexOf((byte)' ');
        if (ident <= 0)
        {
            return false;
        }

        line = line[(ident + 2)..];
        var user = line.IndexOf(" ["u8);
        if (user <= 0)
        {
            return false;
        }

        line = line[(user + 2)..];
        return true;
    }

    // Skips ` "referer" "agent"`.
    private static bool TrySkipAgent(ref ReadOnlySpan<byte> line)
    {
        for (var field = 0; field < 2; field++)
        {
            if (line.Length < 3 || line[0] != ' ' || line[1] != '"')
            {
                return false;
            }

            line = line[2..];
            var end = EndOfQuoted(line);
            if (end < 0)
            {
                return false;
            }

            line = line[(end + 1)..];
        }

        return true;
    }

    /// <returns>Index of the quote that ends the text, or -1. Apache writes a quote within it as <c>\"</c>.</returns>
    private static int EndOfQuoted(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOf((byte)'"');
        return at <= 0 || text[at - 1] != '\\' ? at : EndOfEscaped(text, at);
    }

    private static int EndOfEscaped(ReadOnlySpan<byte> text, int at)
    {
        while (true)
        {
            var first = at;
            while (first > 0 && text[first - 1] == '\\')
            {
                first--;
            }

            if ((at - first) % 2 == 0)
            {
                return at;
            }

            var next = text[(at + 1)..].IndexOf((byte)'"');
            if (next < 0)
            {
                return -1;
            }

            at += next + 1;
        }
    }
}
