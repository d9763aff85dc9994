using System.Globalization;
using Spectre.Console;
using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Output;

/// <summary>The report for people: tables with colours on a terminal, columns of text elsewhere.</summary>
internal static class ReportTables
{
    private const int PlainWidth = 1000;

    public static void Write(FinishedReport finished, int top)
    {
        var isPlain = Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        if (isPlain)
        {
            console.Profile.Width = PlainWidth;
        }

        new Tables(console, isPlain).Write(finished, top);
    }

    private sealed class Tables(IAnsiConsole console, bool isPlain)
    {
        public void Write(FinishedReport finished, int top)
        {
            var report = finished.Report;
            WriteTotals(finished);
            WriteStatuses(finished);
            WriteLatencies(report.Latencies);
            WriteTop("Top paths", "Path", report.Paths, report.Hits, top);
            WriteTop("Top clients", "Client", report.Clients, report.Hits, top);
            WriteChart(report.Minutes);
            WriteBadLines(finished);
        }

        private void WriteTotals(FinishedReport finished)
        {
            var report = finished.Report;
            var table = Start("Totals", ("", false), ("", true));
            Row(table, "Hits", Numbers.Count(report.Hits));
            Row(table, "Bytes sent", Numbers.Bytes(report.Bytes));
            if (report.Outside > 0)
            {
                Row(table, "Lines outside of the time", Numbers.Count(report.Outside));
            }

            Row(table, "Lines that do not match", Numbers.Count(report.Bad.Count));
            Row(table, "Read", $"{Numbers.Bytes(finished.BytesRead)} in {finished.Elapsed.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s");
            table.HideHeaders();
            WriteIfAny(table);
        }

        private void WriteStatuses(FinishedReport finished)
        {
            var hits = finished.Report.Hits;
            var classes = finished.Classes();
            var table = Start("Status", ("Class", false), ("Hits", true), ("Part", true), ("Codes", false));
            for (var i = 1; i <= classes.Length; i++)
            {
                var first = i % classes.Length;
                if (classes[first] > 0)
                {
                    Row(table, first == 0 ? "other" : $"{first}xx", Numbers.Count(classes[first]), Numbers.Part(classes[first], hits), Codes(finished.Report.Statuses, first));
                }
            }

            WriteIfAny(table);
        }

        private static string Codes(ReadOnlySpan<long> statuses, int first)
        {
            var codes = new List<string>();
            for (var status = Math.Max(1, first * 100); status < (first == 0 ? statuses.Length : (first + 1) * 100); status++)
            {
                if (statuses[status] > 0 && (first > 0 || status is < 100 or >= 600))
                {
                    codes.Add($"{status}: {Numbers.Count(statuses[status])}");
                }
            }

            return string.Join("  ", codes);
        }

        private void WriteLatencies(LatencyHistogram latencies)
        {
            if (latencies.Count == 0)
            {
                return;
            }

            (string, bool)[] columns = [("mean", true), .. Percentiles.All.Select(percent => (Percentiles.NameOf(percent), true)), ("max", true)];
            var table = Start($"Latency of {Numbers.Count(latencies.Count)} requests", columns);
            Row(
                table,
                [
                    Numbers.Milliseconds(latencies.Sum / latencies.Count),
                    .. Percentiles.All.Select(percent => Numbers.Milliseconds(latencies.Percentile(percent))),
                    Numbers.Milliseconds(latencies.Max),
                ]);
            WriteIfAny(table);
        }

        private void WriteTop(string title, string name, TopTable keys, long hits, int top)
        {
            var table = Start(title, (name, false), ("Hits", true), ("Part", true));
            var entries = keys.Top(top);
            foreach (var entry in entries)
            {
                Row(table, Printable.Of(entry.Key), Numbers.Count(entry.Count), Numbers.Part(entry.Count, hits));
            }

            WriteIfAny(table);
            if (entries.Any(entry => entry.Error > 0))
            {
                console.WriteLine($"There are too many for exact counts: these are at most {Numbers.Count(entries.Max(entry => entry.Error))} too large.");
            }
        }

        private void WriteChart(MinuteChart minutes)
        {
            var rows = ChartRows.Of(minutes);
            if (rows.Rows.Count == 0)
            {
                return;
            }

            var table = Start(rows.Minutes == 1 ? "Hits per minute (UTC)" : $"Hits per {rows.Minutes:N0} minutes (UTC)", ("Time", false), ("Hits", true), ("", false));
            var most = rows.Rows.Max(row => row.Hits);
            foreach (var (time, hits) in rows.Rows)
            {
                Row(table, time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), Numbers.Count(hits), ChartRows.Bar(hits, most));
            }

            WriteIfAny(table);
        }

        private void WriteBadLines(FinishedReport finished)
        {
            var table = Start("First lines that do not match", ("File", false), ("Line", true), ("Offset", true), ("Text", false));
            foreach (var line in finished.Report.Bad.First)
            {
                var text = line.IsTooLong ? $"(longer than {LineScanner.MaxLineBytes} bytes) {Printable.Of(line.Text.AsSpan(0, Math.Min(line.Text.Length, 60)))}" : Printable.Of(line.Text);
                Row(table, Printable.Of(finished.FileOf(line)), Numbers.Count(finished.NumberOf(line)), Numbers.Count(line.Offset), text);
            }

            WriteIfAny(table);
        }

        private Table Start(string title, params (string Name, bool IsNumber)[] columns)
        {
            var table = new Table { Title = new TableTitle(Markup.Escape(title)), Border = isPlain ? TableBorder.None : TableBorder.Rounded };
            foreach (var (name, isNumber) in columns)
            {
                table.AddColumn(new TableColumn(new Text(name)) { Alignment = isNumber ? Justify.Right : Justify.Left, NoWrap = isNumber });
            }

            return table;
        }

        private static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

        private void WriteIfAny(Table table)
        {
            if (table.Rows.Count == 0)
            {
                return;
            }

            if (isPlain)
            {
                console.WriteLine();
                console.WriteLine(table.Title!.Text);
                table.Title = null;
            }

            console.Write(table);
        }
    }
}
