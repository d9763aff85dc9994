using Spectre.Console;
using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Running;

namespace Starling.Apps.LogReport.Output;

/// <summary>Shows on a terminal how far a run is, on standard error, so that the report can be redirected.</summary>
internal static class ProgressBar
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public static async Task<PartialReport> RunAsync(RunContext context, bool isWanted, Func<Task<PartialReport>> run)
    {
        if (!isWanted || Console.IsErrorRedirected)
        {
            return await run();
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var isKnown = context.TotalBytes > 0;
        ProgressColumn[] columns = isKnown
            ? [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn()]
            : [new TaskDescriptionColumn(), new SpinnerColumn(), new DownloadedColumn()];
        return await console.Progress().Columns(columns).StartAsync(async progress =>
        {
            var bar = progress.AddTask("Reading", maxValue: isKnown ? context.TotalBytes : double.MaxValue);
            bar.IsIndeterminate = !isKnown;
            var report = run();
            while (await Task.WhenAny(report, Task.Delay(Interval)) != report)
            {
                bar.Value = context.BytesRead;
            }

            bar.Value = report.IsCompletedSuccessfully && isKnown ? bar.MaxValue : context.BytesRead;
            return await report;
        });
    }
}
