using System.Globalization;
using System.Text;
using System.Text.Json;
using Starling.Apps.LogReport.Counting;

namespace Starling.Apps.LogReport.Output;

/// <summary>The report as one JSON object.</summary>
internal static class ReportJson
{
    public static void Write(FinishedReport finished, int top, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            WriteTotals(json, finished);
            WriteLatency(json, finished.Report.Latencies);
            WriteTop(json, "paths", finished.Report.Paths, top);
            WriteTop(json, "clients", finished.Report.Clients, top);
            WriteMinutes(json, finished.Report.Minutes);
            WriteBadLines(json, finished);
            json.WriteStartArray("failures");
            foreach (var failure in finished.Failures)
            {
                json.WriteStartObject();
                json.WriteString("file", failure.Name);
                json.WriteString("message", failure.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static void WriteTotals(Utf8JsonWriter json, FinishedReport finished)
    {
        var report = finished.Report;
        json.WriteNumber("lines", report.Lines);
        json.WriteNumber("hits", report.Hits);
        json.WriteNumber("outside", report.Outside);
        json.WriteNumber("bad", report.Bad.Count);
        json.WriteNumber("bytes", report.Bytes);
        json.WriteNumber("bytesRead", finished.BytesRead);
        json.WriteNumber("seconds", Math.Round(finished.Elapsed.TotalSeconds, 3));
        json.WriteStartObject("classes");
        var classes = finished.Classes();
        for (var i = 1; i < classes.Length; i++)
        {
            json.WriteNumber($"{i}xx", classes[i]);
        }

        json.WriteNumber("other", classes[0]);
        json.WriteEndObject();
        json.WriteStartObject("statuses");
        for (var status = 100; status < report.Statuses.Length; status++)
        {
            if (report.Statuses[status] > 0)
            {
                json.WriteNumber(status.ToString(CultureInfo.InvariantCulture), report.Statuses[status]);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, LatencyHistogram latencies)
    {
        json.WriteStartObject("latency");
        json.WriteString("unit", "us");
        json.WriteNumber("count", latencies.Count);
        if (latencies.Count > 0)
        {
            json.WriteNumber("mean", latencies.Sum / latencies.Count);
            foreach (var percent in Percentiles.All)
            {
                json.WriteNumber(Percentiles.NameOf(percent), latencies.Percentile(percent));
            }

            json.WriteNumber("max", latencies.Max);
            json.WriteNumber("relativeError", LatencyHistogram.RelativeError);
        }

        json.WriteEndObject();
    }

    private static void WriteTop(Utf8JsonWriter json, string name, TopTable table, int top)
    {
        json.WriteStartArray(name);
        foreach (var entry in table.Top(top))
        {
            json.WriteStartObject();
            json.WriteString("key", Encoding.UTF8.GetString(entry.Key));
            json.WriteNumber("hits", entry.Count);
            json.WriteNumber("error", entry.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMinutes(Utf8JsonWriter json, MinuteChart minutes)
    {
        json.WriteNumber("stepMinutes", minutes.StepMinutes);
        json.WriteStartArray("minutes");
        foreach (var (seconds, hits) in minutes.Steps())
        {
            json.WriteStartObject();
            json.WriteString("time", DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-ddTHH:mm'Z'", CultureInfo.InvariantCulture));
            json.WriteNumber("hits", hits);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteBadLines(Utf8JsonWriter json, FinishedReport finished)
    {
        json.WriteStartArray("badLines");
        foreach (var line in finished.Report.Bad.First)
        {
            json.WriteStartObject();
            json.WriteString("file", finished.FileOf(line));
            json.WriteNumber("line", finished.NumberOf(line));
            json.WriteNumber("offset", line.Offset);
            json.WriteString("reason", line.IsTooLong ? "too long" : "does not match");
            json.WriteString("text", Encoding.UTF8.GetString(line.Text));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
