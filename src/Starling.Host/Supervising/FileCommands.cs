using System.CommandLine;
using Spectre.Console;
using Starling.Supervisor;
using Starling.Supervisor.Rolling;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary>Commands that start processes again: those of targets, or those of process files with the configuration that the files have now.</summary>
internal static class FileCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Restart("restart", "Stop processes and start them again. A process file brings its applications up to date.", SupervisorCall.Targets(files: true)),
        Reload("reload", "Replace processes one after the other, without refusing or cutting connections. A process file brings its applications up to date.", SupervisorCall.Targets(files: true)),
        Restart("startOrRestart", "Start the applications of process files; restart those that run.", Files()),
        Reload("startOrReload", "Start the applications of process files; reload those that run.", Files(), "startOrGracefulReload"),
    ];

    private static Argument<string[]> Files() => new("files") { Description = "Process files; - for standard input.", Arity = ArgumentArity.OneOrMore };

    private static Command Restart(string name, string description, Argument<string[]> words) => Create(
        name,
        description,
        words,
        (supervisor, records, cancellationToken) => supervisor.StartAsync(records, cancellationToken),
        (supervisor, target, update, cancellationToken) => supervisor.RestartAsync(target, update, cancellationToken),
        (workers, json) => StartCommand.Show([.. workers.DistinctBy(worker => worker.Id)], json));

    private static Command Reload(string name, string description, Argument<string[]> words, params string[] aliases)
    {
        var command = Create(
            name,
            description,
            words,
            (supervisor, records, cancellationToken) => supervisor.ReloadAppsAsync(records, cancellationToken),
            (supervisor, target, update, cancellationToken) => supervisor.ReloadAsync(target, update, cancellationToken),
            Show);
        Array.ForEach(aliases, command.Aliases.Add);
        return command;
    }

    /// <summary>Makes a command that brings the applications of process files up to date and starts the processes of other targets again.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">Its description.</param>
    /// <param name="words">Its argument: process files, or targets and process files.</param>
    /// <param name="bringUpToDate">Starts the applications of process files, or gives them their new configuration.</param>
    /// <param name="startAgain">Starts the processes of one target again.</param>
    /// <param name="show">Prints the results; returns the exit code.</param>
    private static Command Create<T>(
        string name,
        string description,
        Argument<string[]> words,
        Func<ISupervisor, WorkerGroupRecord[], CancellationToken, Task<IReadOnlyList<T>>> bringUpToDate,
        Func<ISupervisor, string, EnvironmentUpdate?, CancellationToken, Task<IReadOnlyList<T>>> startAgain,
        Func<List<T>, bool, int> show)
    {
        var (only, updates, environment, json) = (SupervisorCall.OnlyOption(), Updates(), Environment(), SupervisorCall.JsonOption());
        var command = new Command(name, description) { words, only, updates, environment, json };
        command.SetAction((parsed, cancellationToken) => Run(
            name,
            parsed.GetRequiredValue(words),
            async (supervisor, files, targets) =>
            {
                var names = parsed.GetValue(only) ?? [];
                var update = Update(parsed.GetValue(updates), parsed.GetValue(environment));
                var (records, areAll) = ApplicationFiles.Records(files, names, parsed.GetValue(environment));
                var found = targets.Length == 0 ? [] : await SupervisorCall.ResolveAsync(supervisor, targets, names, cancellationToken);
                var results = new List<T>();
                if (records.Length > 0)
                {
                    results.AddRange(await bringUpToDate(supervisor, records, cancellationToken));
                }

                var parts = await Task.WhenAll(found.Select(target => startAgain(supervisor, target, update, cancellationToken)));
                results.AddRange(parts.SelectMany(part => part));
                var code = show(results, parsed.GetValue(json));
                return areAll ? code : SupervisorCall.Failed;
            },
            cancellationToken));
        return command;
    }

    /// <summary>Runs a command. One that names process files only may be the first that starts anything.</summary>
    private static Task<int> Run(string name, string[] words, Func<ISupervisor, string[], string[], Task<int>> action, CancellationToken cancellationToken)
    {
        var isForFiles = name.StartsWith("startOr", StringComparison.Ordinal);
        var files = isForFiles ? words : [.. words.Where(ApplicationFiles.IsFile)];
        string[] targets = [.. words.Except(files)];
        return targets.Length == 0
            ? SupervisorCall.RunOrStartAsync(supervisor => action(supervisor, files, targets), cancellationToken)
            : SupervisorCall.RunAsync(supervisor => action(supervisor, files, targets), cancellationToken);
    }

    private static Option<bool> Updates() => new("--update-env", "-a") { Description = "Give the processes the variables of this shell; a chosen environment stays." };

    private static Option<string?> Environment() => new("--env") { Description = "Environment to choose; implies --update-env.", HelpName = "name" };

    private static EnvironmentUpdate? Update(bool isAsked, string? environment) =>
        isAsked || environment is not null ? new EnvironmentUpdate(SelfProgram.Variables(), environment) : null;

    private static int Show(List<ReloadReport> reports, bool json)
    {
        if (json)
        {
            SupervisorCall.Print(reports);
        }
        else
        {
            reports.ForEach(Print);
        }

        return reports.Any(report => report.Failure is not null) ? SupervisorCall.Failed : 0;
    }

    private static void Print(ReloadReport report)
    {
        foreach (var worker in report.Workers)
        {
            var connections = worker.Finished is null ? "" : $"; connections finished: {worker.Finished}, cut: {worker.Cut}";
            var end = worker.OldPid is null ? "" : $", {worker.OldPid} ended {(worker.WasKilled ? "by force " : "")}after {worker.DrainSeconds:0.0} s{connections}";
            var how = worker.WasRestarted ? " was restarted, since two of its processes cannot run at the same time" : "";
            AnsiConsole.MarkupLineInterpolated($"[green]✓[/] {report.App} ({worker.Id}){how}: process {worker.NewPid} runs{end}");
        }

        if (report.Failure is { } failure)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]✗ {report.App}: {failure}[/]");
        }
    }
}
