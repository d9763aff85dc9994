using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.Tests.LogReport;

/// <summary>The same report computed in the plainest way: the whole text at once, a regular expression, dictionaries.</summary>
internal sealed partial class NaiveReport
{
    public long Lines { get; private set; }

    public long Hits { get; private set; }

    public long Bytes { get; private set; }

    public List<(long Line, long Offset)> Bad { get; } = [];

    public SortedDictionary<int, long> Statuses { get; } = [];

    public List<long> Latencies { get; } = [];

    public Dictionary<string, long> Paths { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> Clients { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<long, long> Minutes { get; } = [];

    public static NaiveReport Of(byte[] log)
    {
        var report = new NaiveReport();
        var offset = 0;
        foreach (var line in Encoding.Latin1.GetString(log).Split('\n'))
        {
            if (offset < log.Length)
            {
                report.Add(line.EndsWith('\r') ? line[..^1] : line, offset);
            }

            offset += line.Length + 1;
        }

        return report;
    }

    /// <summary>The same form for both kinds of report, for comparison.</summary>
    public string Summary() => Summarize(
        Lines, Hits, Bytes, Bad.Count, Statuses, Latencies.Count, Latencies.Sum(), Latencies.DefaultIfEmpty().Max(), Top(Paths), Top(Clients), Minutes);

    public static string Summary(PartialReport report) => Summarize(
        report.Lines,
        report.Hits,
        report.Bytes,
        report.Bad.Count,
        report.Statuses.ToArray().Select((count, status) => KeyValuePair.Create(status, count)).Where(status => status.Value > 0),
        report.Latencies.Count,
        report.Latencies.Sum,
        report.Latencies.Max,
        report.Paths.Top(1000).Select(entry => $"{Encoding.Latin1.GetString(entry.Key)} {entry.Count} {entry.Error}"),
        report.Clients.Top(1000).Select(entry => $"{Encoding.Latin1.GetString(entry.Key)} {entry.Count} {entry.Error}"),
        report.Minutes.Steps());

    private static string Summarize(
        long lines,
        long hits,
        long bytes,
        long bad,
        IEnumerable<KeyValuePair<int, long>> statuses,
        long latencies,
        long latencySum,
        long latencyMax,
        IEnumerable<string> paths,
        IEnumerable<string> clients,
        IEnumerable<KeyValuePair<long, long>> minutes) => string.Join(
            '\n',
            [
                $"lines {lines} hits {hits} bytes {bytes} bad {bad} latencies {latencies} {latencySum} {latencyMax}",
                .. statuses.Select(status => $"status {status.Key} {status.Value}"),
                .. paths.Select(path => "path " + path),
                .. clients.Select(client => "client " + client),
                .. minutes.Select(minute => $"minute {minute.Key} {minute.Value}"),
            ]);

    private static IEnumerable<string> Top(Dictionary<string, long> counts) => counts
        .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value} 0");

    private void Add(string line, long offset)
    {
        Lines++;
        var match = Timed().Match(line);
        if (line.Length > LineScanner.MaxLineBytes
            || !match.Success
            || !DateTimeOffset.TryParseExact(
                match.Groups["time"].Value, "dd/MMM/yyyy:HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            Bad.Add((Lines, offset));
            return;
        }

        Hits++;
        Bytes += match.Groups["bytes"].Value == "-" ? 0 : long.Parse(match.Groups["bytes"].Value, CultureInfo.InvariantCulture);
        var status = int.Parse(match.Groups["status"].Value, CultureInfo.InvariantCulture);
        Statuses[status] = Statuses.GetValueOrDefault(status) + 1;
        Latencies.Add((long)(decimal.Parse(match.Groups["latency"].Value, CultureInfo.InvariantCulture) * (match.Groups["latency"].Value.Contains('.') ? 1_000_000 : 1)));
        Count(Clients, match.Groups["host"].Value);
        var words = match.Groups["request"].Value.Split(' ');
        Count(Paths, (words.Length > 1 ? words[1] : words[0]).Split('?')[0]);
        var minute = (long)Math.Floor(time.ToUnixTimeSeconds() / 60.0) * 60;
        Minutes[minute] = Minutes.GetValueOrDefault(minute) + 1;
    }

    // What says nothing is not counted.
    private static void Count(Dictionary<string, long> counts, string key)
    {
        if (key.Length > 0)
        {
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
    }

    [GeneratedRegex(
        @"\A(?<host>[^ ]+) [^ ]+ (?:(?! \[).)+ \[(?<time>[^\]]{26})\] ""(?<request>(?:[^""\\]|\\.)*)"" (?<status>[1-9][0-9]{2}) (?<bytes>[0-9]{1,18}|-) ""(?:[^""\\]|\\.)*"" ""(?:[^""\\]|\\.)*""(?: .*)? (?<latency>[0-9]{1,15}(?:\.[0-9]+)?)\z",
        RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Timed();
}
