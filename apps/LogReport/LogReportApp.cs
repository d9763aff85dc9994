using System.Diagnostics;
using Starling.Apps.LogReport.Formats;
using Starling.Apps.LogReport.Output;
using Starling.Apps.LogReport.Reading;
using Starling.Apps.LogReport.Running;

namespace Starling.Apps.LogReport;

/// <summary>Reports on logs: opens them, has them read by workers, and shows the result on standard output; errors go to standard error.</summary>
public static class LogReportApp
{
    /// <summary>Makes one report.</summary>
    /// <param name="options">What to report.</param>
    /// <param name="cancellationToken">Ends it without a report.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(LogReportOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (UsageError(options) is { } error)
        {
            await Console.Error.WriteLineAsync(error);
            return ExitCode.Usage;
        }

        var start = Stopwatch.GetTimestamp();
        var settings = new ReportSettings
        {
            Pattern = options.Pattern,
            Unit = options.Unit,
            From = options.From?.ToUnixTimeSeconds(),
            To = options.To?.ToUnixTimeSeconds(),
        };
        var failures = new List<SourceFailure>();
        var sources = Open(options, failures);
        try
        {
            var context = new RunContext(sources, settings, options.Workers);
            var report = await ProgressBar.RunAsync(context, options.ShowsProgress, () => options.Run == RunMode.Processes
                ? ProcessRun.RunAsync(context, cancellationToken)
                : ThreadRun.RunAsync(context, cancellationToken));
            failures.AddRange(context.Failures);
            Show(new FinishedReport(report, sources, failures, context.BytesRead, Stopwatch.GetElapsedTime(start)), options);
            return failures.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped; there is no report.");
            return ExitCode.Interrupted;
        }
        catch (RunException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitCode.Failed;
        }
        finally
        {
            foreach (var source in sources)
            {
                source.Dispose();
            }
        }
    }

    /// <summary>Is a worker of another process: asks it for pieces on standard output until there are none.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Work()
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        return ProcessWorker.Run(input, output);
    }

    private static string? UsageError(LogReportOptions options)
    {
        if (options.Files.Count == 0)
        {
            return "Name the logs to report on; - is standard input.";
        }

        if (options.Files.Count(file => file == LogSource.StandardInput) > 1)
        {
            return "Standard input can be read once only; name - once.";
        }

        if (options.From >= options.To)
        {
            return "--from should be before --to.";
        }

        try
        {
            _ = options.Pattern is { } pattern ? LogPattern.Create(pattern) : null;
            return null;
        }
        catch (PatternException exception)
        {
            return exception.Message;
        }
    }

    private static List<LogSource> Open(LogReportOptions options, List<SourceFailure> failures)
    {
        var sources = new List<LogSource>();
        foreach (var file in options.Files)
        {
            try
            {
                sources.Add(LogSource.Open(sources.Count, file, options.Pattern is null ? options.Format : LogFormat.Pattern));
            }
            catch (SourceException exception)
            {
                failures.Add(new SourceFailure(file, exception.Message));
            }
        }

        return sources;
    }

    private static void Show(FinishedReport report, LogReportOptions options)
    {
        if (options.IsJson)
        {
            using var output = Console.OpenStandardOutput();
            ReportJson.Write(report, options.Top, output);
        }
        else if (report.Sources.Count > 0)
        {
            ReportTables.Write(report, options.Top);
        }

        foreach (var failure in report.Failures)
        {
            Console.Error.WriteLine($"{Printable.Of(failure.Name)}: {failure.Message}");
        }
    }
}
