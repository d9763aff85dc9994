using System.Globalization;
using Spectre.Console;
using Starling.Supervisor;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary>Workers as a table.</summary>
internal static class WorkerTable
{
    private const int WideTerminal = 100;

    /// <summary>Makes the table; what all workers have in common, and what a narrow terminal has no room for, is left out.</summary>
    public static Table Create(IReadOnlyList<WorkerInfo> workers, int width)
    {
        List<(string Name, Justify Alignment, Func<WorkerInfo, string> Text)> columns =
        [
            ("id", Justify.Right, worker => Number(worker.Id)),
            ("name", Justify.Left, worker => Markup.Escape(worker.Name)),
            ("namespace", Justify.Left, worker => Markup.Escape(worker.Namespace)),
            ("mode", Justify.Left, worker => worker.Mode.ToString().ToLowerInvariant()),
            ("pid", Justify.Right, worker => worker.Pid is { } pid ? Number(pid) : "-"),
            ("uptime", Justify.Right, worker => worker.StartedAt is { } start ? Duration(DateTimeOffset.UtcNow - start) : "-"),
            ("restarts", Justify.Right, worker => Number(worker.Restarts)),
            ("status", Justify.Left, worker => Status(worker.Status)),
            ("cpu", Justify.Right, worker => worker.Pid is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{worker.Cpu:0}%")),
            ("memory", Justify.Right, worker => worker.Pid is null ? "-" : Bytes(worker.Memory)),
            ("listens on", Justify.Left, worker => Markup.Escape(string.Join(", ", worker.Addresses))),
        ];
        columns.RemoveAll(column => column.Name switch
        {
            "namespace" => workers.All(worker => worker.Namespace == workers[0].Namespace),
            "mode" => width < WideTerminal,
            "listens on" => width < WideTerminal || workers.All(worker => worker.Addresses.Count == 0),
            _ => false,
        });
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn($"[bold]{column.Name}[/]") { Alignment = column.Alignment, NoWrap = column.Name != "listens on" });
        }

        foreach (var worker in workers)
        {
            table.AddRow([.. columns.Select(column => column.Text(worker))]);
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

        AnsiConsole.Write(Create(workers, AnsiConsole.Profile.Width));
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
