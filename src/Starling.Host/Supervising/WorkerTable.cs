using System.Globalization;
using Spectre.Console;
using Starling.Supervisor;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary>Workers as a table.</summary>
internal static class WorkerTable
{
    public static Table Create(IReadOnlyList<WorkerInfo> workers)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var (name, isNumber) in ((string, bool)[])[("id", true), ("name", false), ("namespace", false), ("mode", false), ("pid", true), ("uptime", true), ("↺", true), ("status", false), ("cpu", true), ("memory", true), ("listens on", false)])
        {
            table.AddColumn(new TableColumn($"[bold]{name}[/]") { Alignment = isNumber ? Justify.Right : Justify.Left, NoWrap = true });
        }

        foreach (var worker in workers)
        {
            table.AddRow(
                Number(worker.Id),
                Markup.Escape(worker.Name),
                Markup.Escape(worker.Namespace),
                worker.Mode.ToString().ToLowerInvariant(),
                worker.Pid is { } pid ? Number(pid) : "-",
                worker.StartedAt is { } start ? Duration(DateTimeOffset.UtcNow - start) : "-",
                Number(worker.Restarts),
                Status(worker.Status),
                worker.Pid is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{worker.Cpu:0}%"),
                worker.Pid is null ? "-" : Bytes(worker.Memory),
                Markup.Escape(string.Join(", ", worker.Addresses)));
        }

        return table;
    }

    public static void Print(IReadOnlyList<WorkerInfo> workers)
    {
        if (workers.Count == 0)
        {
            Console.WriteLine("Nothing runs. 'starling start SCRIPT' or 'starling start process.json' starts something.");
            return;
        }

        AnsiConsole.Write(Create(workers));
        foreach (var worker in workers.Where(worker => worker.Reason is not null))
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{worker.Name} ({worker.Id}): {worker.Reason}[/]");
        }
    }

    public static string Status(WorkerStatus status) => status switch
    {
        WorkerStatus.Online => "[green]online[/]",
        WorkerStatus.Starting => "[yellow]starting[/]",
        WorkerStatus.Draining => "[yellow]draining[/]",
        WorkerStatus.WaitingRestart => "[yellow]waiting restart[/]",
        WorkerStatus.Errored => "[red]errored[/]",
        _ => "[grey]stopped[/]",
    };

    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GB"),
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0} KB"),
    };

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time.Hours}h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}h {time.Minutes}m"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}m {time.Seconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)time.TotalSeconds)}s"),
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
