using System.CommandLine;
using System.Globalization;
using Starling.Apps.LogReport;
using Starling.Apps.LogReport.Formats;

namespace Starling.Host.Commands;

/// <summary><c>starling apps logreport</c>: a report of access logs.</summary>
internal static class LogReportCommand
{
    private const int MaxWorkers = 1024;

    /// <summary>Whether the command line is that of a worker process, which is started so often that no other command should be built for it.</summary>
    public static bool IsWorker(string[] arguments) => arguments is ["apps", "logreport", "--worker"];

    public static Command Create()
    {
        // Values are checked here and not by the parser, whose exit code for a wrong one is that of a failure.
        var files = new Argument<string[]>("file") { Description = "Logs, also compressed by gzip; - reads standard input.", Arity = ArgumentArity.ZeroOrMore };
        var format = Text("--format", "auto, common, combined, timed (the request's time is the last field) or json. Default: auto", "format");
        var pattern = Text("--pattern", @"Regular expression with named groups host, time, request, path, status, bytes, latency, such as '^(?<host>\S+) (?<status>\d+)'.", "expression");
        var unit = Text("--time-unit", "What the request's time counts: auto (a number with a point is seconds, one without microseconds), s, ms or us. Default: auto", "unit");
        var workers = Text("--workers", $"How many workers read. Default: one per processor, {Environment.ProcessorCount}", "number");
        var run = Text("--run", "Whether workers are threads or processes. Default: threads", "threads|processes");
        var top = Text("--top", "How many paths and clients are listed. Default: 10", "number");
        var from = Text("--from", "Leave out earlier lines: 2026-01-31T13:00, in UTC unless it says another zone.", "time");
        var to = Text("--to", "Leave out lines of this time and later.", "time");
        var json = new Option<bool>("--json") { Description = "Report for programs." };
        var quiet = new Option<bool>("--no-progress") { Description = "Show no bar. There is none either where standard error is no terminal." };
        var command = new Command("logreport", "Report on access logs: hits, bytes, status, latency, top paths and clients, hits per minute, lines that do not match.")
        {
            files, format, pattern, unit, workers, run, top, from, to, json, quiet,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var named = parsed.GetValue(files) ?? [];
                if (parsed.GetValue(pattern) is not null && parsed.GetValue(format) is not null)
                {
                    throw new FormatException("Give --format or --pattern, not both.");
                }

                return await LogReportApp.RunAsync(
                    new LogReportOptions
                    {
                        Files = named,
                        Format = parsed.GetValue(pattern) is null ? Choice("--format", parsed.GetValue(format), LogFormat.Auto, Formats) : LogFormat.Pattern,
                        Pattern = parsed.GetValue(pattern),
                        Unit = Choice("--time-unit", parsed.GetValue(unit), TimeUnit.Auto, Units),
                        Workers = Number("--workers", parsed.GetValue(workers), Environment.ProcessorCount, 1, MaxWorkers),
                        Run = Choice("--run", parsed.GetValue(run), RunMode.Threads, Modes),
                        Top = Number("--top", parsed.GetValue(top), 10, 0, int.MaxValue),
                        From = Time("--from", parsed.GetValue(from)),
                        To = Time("--to", parsed.GetValue(to)),
                        IsJson = parsed.GetValue(json),
                        ShowsProgress = !parsed.GetValue(quiet),
                    },
                    cancellationToken);
            }
            catch (FormatException exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return ExitCode.Usage;
            }
        });
        return command;
    }

    private static IReadOnlyDictionary<string, LogFormat> Formats => new Dictionary<string, LogFormat>
    {
        ["auto"] = LogFormat.Auto,
        ["common"] = LogFormat.Common,
        ["combined"] = LogFormat.Combined,
        ["timed"] = LogFormat.Timed,
        ["json"] = LogFormat.Json,
    };

    private static IReadOnlyDictionary<string, TimeUnit> Units => new Dictionary<string, TimeUnit>
    {
        ["auto"] = TimeUnit.Auto,
        ["s"] = TimeUnit.Seconds,
        ["ms"] = TimeUnit.Milliseconds,
        ["us"] = TimeUnit.Microseconds,
    };

    private static IReadOnlyDictionary<string, RunMode> Modes => new Dictionary<string, RunMode>
    {
        ["threads"] = RunMode.Threads,
        ["processes"] = RunMode.Processes,
    };

    private static Option<string?> Text(string name, string description, string help) => new(name) { Description = description, HelpName = help };

    private static T Choice<T>(string option, string? value, T standard, IReadOnlyDictionary<string, T> choices) =>
        value is null ? standard
        : choices.TryGetValue(value, out var choice) ? choice
        : throw new FormatException($"{option} '{value}' should be one of {string.Join(", ", choices.Keys)}.");

    private static int Number(string option, string? value, int standard, int least, int most) =>
        value is null ? standard
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new FormatException($"{option} '{value}' should be a number from {least} to {most}.");

    private static DateTimeOffset? Time(string option, string? value) =>
        value is null ? null
        : DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time
        : throw new FormatException($"{option} '{value}' should be a time, such as 2026-01-31T13:00 or 2026-01-31T13:00:00+01:00.");
}
