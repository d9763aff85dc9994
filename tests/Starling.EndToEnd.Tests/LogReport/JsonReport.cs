using System.Text.Json;

namespace Starling.EndToEnd.Tests.LogReport;

/// <summary>What <c>--json</c> prints.</summary>
internal static class JsonReport
{
    /// <summary>Fails unless the report says what the log does.</summary>
    public static void AssertIs(SampleLog log, string output)
    {
        using var document = JsonDocument.Parse(output);
        var report = document.RootElement;
        Assert.Equal(
            (log.Lines, log.Hits, log.Bad, log.Bytes),
            (Number(report, "lines"), Number(report, "hits"), Number(report, "bad"), Number(report, "bytes")));
        Assert.Equal(log.Statuses.OrderBy(pair => pair.Key), report.GetProperty("statuses").EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, pair.Value.GetInt64())));
        Assert.Equal(Top(log.Paths), Top(report.GetProperty("paths")));
        Assert.Equal(Top(log.Clients), Top(report.GetProperty("clients")));
        Assert.Equal(
            log.Minutes.OrderBy(pair => pair.Key),
            report.GetProperty("minutes").EnumerateArray().Select(minute => KeyValuePair.Create(minute.GetProperty("time").GetString()!, Number(minute, "hits"))));
        Assert.Equal(log.Hits, Number(report.GetProperty("latency"), "count"));
        var first = report.GetProperty("badLines")[0];
        Assert.Equal((501, "this is no line of an access log"), (Number(first, "line"), first.GetProperty("text").GetString()));
    }

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();

    private static IEnumerable<string> Top(Dictionary<string, long> counts) =>
        counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(10).Select(pair => $"{pair.Key} {pair.Value}");

    private static IEnumerable<string> Top(JsonElement list) =>
        list.EnumerateArray().Select(entry => $"{entry.GetProperty("key").GetString()} {Number(entry, "hits")}");
}
