using System.CommandLine;
using Starling.Supervisor;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary><c>starling start</c>: a script, a program, a process file, or what is there and does not run.</summary>
internal static class StartCommand
{
    /// <summary>Options that mean what the key of that name means in a process file.</summary>
    private static readonly (string Option, string Key, string Value, string Description)[] Keys =
    [
        ("--name", "name", "name", "Name of the application; that of the script if nothing is said."),
        ("--namespace", "namespace", "name", "Group of applications."),
        ("--instances", "instances", "number", "Number of processes; 0 or max for one on each core, -1 for one fewer."),
        ("--interpreter", "interpreter", "program", "Program that runs the script; none for a script that runs by itself."),
        ("--interpreter-args", "interpreter_args", "arguments", "Arguments of the interpreter."),
        ("--cwd", "cwd", "folder", "Folder to start in."),
        ("--listen", "listen", "address", "Address that the processes share, such as 127.0.0.1:8080 or unix:/run/app.sock."),
        ("--watch", "watch", "path", "Restart when something under the path changes."),
        ("--ignore-watch", "ignore_watch", "pattern", "What is not watched."),
        ("--max-memory-restart", "max_memory_restart", "size", "Restart at this use of memory, for example 300M."),
        ("--cron-restart", "cron_restart", "times", "Restart at these times, in cron's form."),
        ("--wait-ready", "wait_ready", "true", "Whether the process says itself when it is ready."),
        ("--listen-timeout", "listen_timeout", "ms", "Longest wait for that."),
        ("--kill-timeout", "kill_timeout", "ms", "Time to stop in before the end by force."),
        ("--kill-signal", "kill_signal", "signal", "Signal that asks to stop; SIGINT if nothing is said."),
        ("--autorestart", "autorestart", "false", "Whether a process that ended is started again."),
        ("--stop-exit-codes", "stop_exit_codes", "codes", "Exit codes after which it is not."),
        ("--restart-delay", "restart_delay", "ms", "Wait before each restart."),
        ("--exp-backoff-restart-delay", "exp_backoff_restart_delay", "ms", "First wait of a growing back-off."),
        ("--max-restarts", "max_restarts", "number", "Unstable restarts in a row before it is given up."),
        ("--min-uptime", "min_uptime", "time", "Life that counts as stable, for example 5s."),
        ("--user", "user", "user", "User to run as."),
        ("--output", "out_file", "file", "Log of the standard output."),
        ("--error", "error_file", "file", "Log of the standard error."),
        ("--log", "log_file", "file", "Log of both."),
        ("--log-date-format", "log_date_format", "form", "Time before each line of the logs, such as YYYY-MM-DD HH:mm:ss."),
        ("--merge-logs", "merge_logs", "true", "One log for all processes of the application."),
    ];

    public static Command Create()
    {
        var target = new Argument<string>("what") { Description = "A script, a program, a process file (.json, .config.js), or what 'list' shows." };
        var arguments = new Argument<string[]>("arguments") { Description = "After --: arguments of the script.", Arity = ArgumentArity.ZeroOrMore };
        var environment = new Option<string?>("--env") { Description = "Environment to choose: production takes env_production.", HelpName = "name" };
        var only = new Option<string[]>("--only") { Description = "Of a process file, only these applications.", HelpName = "name", AllowMultipleArgumentsPerToken = true };
        var json = SupervisorCall.JsonOption();
        var keys = Keys.Select(key => (key.Key, Option: new Option<string?>(key.Option) { Description = key.Description, HelpName = key.Value })).ToArray();
        keys.First(key => key.Key == "name").Option.Aliases.Add("-n");
        keys.First(key => key.Key == "instances").Option.Aliases.Add("-i");
        var command = new Command("start", "Start an application and keep it up.") { target, arguments, environment, only, json };
        foreach (var (_, option) in keys)
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunOrStartAsync(
            async supervisor =>
            {
                var what = parsed.GetRequiredValue(target);
                var said = keys.Where(key => parsed.GetValue(key.Option) is not null).ToDictionary(key => key.Key, key => parsed.GetValue(key.Option)!);
                var present = await supervisor.ListAsync(cancellationToken);
                var workers = IsPresent(what, said, present)
                    ? await supervisor.ResumeAsync(what, cancellationToken)
                    : await supervisor.StartAsync(
                        [.. Configs(what, said, parsed.GetValue(arguments) ?? [], parsed.GetValue(only) ?? [], parsed.GetValue(environment))
                            .Select(config => new WorkerGroupRecord(config, SelfProgram.Variables(), parsed.GetValue(environment)))],
                        cancellationToken);
                return Show(workers, parsed.GetValue(json));
            },
            cancellationToken));
        return command;
    }

    /// <summary>Prints workers; the exit code says whether all are as they should be.</summary>
    public static int Show(IReadOnlyList<WorkerInfo> workers, bool json)
    {
        if (json)
        {
            SupervisorCall.Print(workers);
        }
        else
        {
            WorkerTable.Print(workers);
        }

        return workers.Any(worker => worker.Status == WorkerStatus.Errored) ? SupervisorCall.Failed : 0;
    }

    private static bool IsPresent(string what, Dictionary<string, string> said, IReadOnlyList<WorkerInfo> present) =>
        said.Count == 0 && !ProcessFile.IsProcessFile(what) && !File.Exists(what)
        && (what == "all" || present.Any(worker => worker.Name == what || worker.Namespace == what || worker.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == what));

    private static IReadOnlyList<AppConfig> Configs(string what, Dictionary<string, string> said, string[] arguments, string[] only, string? environment)
    {
        if (!ProcessFile.IsProcessFile(what))
        {
            var request = said.Aggregate(new AppRequest { Script = what, Args = arguments }, (request, pair) => request.With(pair.Key, pair.Value));
            return [AppConfigBuilder.Resolve(request, Environment.CurrentDirectory, environment)];
        }

        if (said.Count > 0)
        {
            throw new SupervisorException($"A process file says itself what its applications are: --{said.Keys.First().Replace('_', '-')} has no place beside it.");
        }

        var file = ProcessFile.Read(what, environment);
        foreach (var warning in file.Warnings)
        {
            Console.Error.WriteLine("warning: " + warning);
        }

        if (environment is not null && !file.Apps.Any(app => app.EnvironmentEnv.ContainsKey(environment)))
        {
            Console.Error.WriteLine($"warning: no application of {what} has env_{environment}, so --env {environment} chooses nothing");
        }

        var unknown = only.FirstOrDefault(name => file.Apps.All(app => app.Name != name));
        return unknown is null
            ? only.Length == 0 ? file.Apps : [.. file.Apps.Where(app => only.Contains(app.Name))]
            : throw new SupervisorException($"{what} has no application '{unknown}'. It has {string.Join(", ", file.Apps.Select(app => app.Name))}.");
    }
}
