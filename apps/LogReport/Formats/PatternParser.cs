using System.Text;
using System.Text.RegularExpressions;

namespace Starling.Apps.LogReport.Formats;

/// <summary>Reads lines by a user's regular expression. Group names are those of <see cref="LogPattern.Groups"/>; a group that is empty says nothing.</summary>
internal struct PatternParser : ILineParser
{
    private readonly Regex _regex;
    private readonly TimeUnit _unit;
    private readonly int _host;
    private readonly int _timeGroup;
    private readonly int _request;
    private readonly int _path;
    private readonly int _status;
    private readonly int _bytes;
    private readonly int _latency;
    private readonly byte[] _hostBytes = new byte[Reading.LineScanner.MaxLineBytes * 3];
    private readonly byte[] _pathBytes = new byte[Reading.LineScanner.MaxLineBytes * 3];
    private readonly byte[] _other = new byte[128];
    private LineTime _time;

    /// <exception cref="PatternException">The pattern cannot be used.</exception>
    public PatternParser(string pattern, TimeUnit unit)
    {
        _regex = LogPattern.Create(pattern);
        _unit = unit;
        _host = _regex.GroupNumberFromName("host");
        _timeGroup = _regex.GroupNumberFromName("time");
        _request = _regex.GroupNumberFromName("request");
        _path = _regex.GroupNumberFromName("path");
        _status = _regex.GroupNumberFromName("status");
        _bytes = _regex.GroupNumberFromName("bytes");
        _latency = _regex.GroupNumberFromName("latency");
    }

    public readonly bool TryReadFirst(ReadOnlySpan<byte> data, ref LogRecord record, out int length)
    {
        length = 0;
        return false;
    }

    public bool TryParse(ReadOnlySpan<byte> line, ref LogRecord record)
    {
        record.Clear();
        Match match;
        try
        {
            match = _regex.Match(Encoding.UTF8.GetString(line));
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }

        if (!match.Success)
        {
            return false;
        }

        record.Host = Get(match, _host, _hostBytes);
        var path = Get(match, _path, _pathBytes);
        record.Path = path.IsEmpty ? RequestLine.Path(Get(match, _request, _pathBytes)) : RequestLine.WithoutQuery(path);
        return (Get(match, _status, _other) is not { IsEmpty: false } status || Digits.TryReadStatus(status, out record.Status))
            && (Get(match, _bytes, _other) is not { IsEmpty: false } bytes || Digits.TryReadBytes(bytes, out record.Bytes))
            && (Get(match, _latency, _other) is not { IsEmpty: false } latency || Durations.TryParse(latency, _unit, out record.Latency))
            && (Get(match, _timeGroup, _other) is not { IsEmpty: false } time || Times.TryParse(time, ref _time, out record.Time));
    }

    // What does not fit is no number and no time; it becomes a blank, which neither is.
    private static ReadOnlySpan<byte> Get(Match match, int group, byte[] buffer) =>
        group < 0 || match.Groups[group].ValueSpan is { IsEmpty: true } ? default
        : Encoding.UTF8.TryGetBytes(match.Groups[group].ValueSpan, buffer, out var length) ? buffer.AsSpan(0, length)
        : " "u8;
}
