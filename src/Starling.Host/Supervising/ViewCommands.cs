using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Starling.Supervisor;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;

namespace Starling.Host.Supervising;

/// <summary>Commands that show what runs.</summary>
internal static class ViewCommands
{
    private const int DefaultLines = 15;

    public static IEnumerable<Command> Create() => [List(), Info(), Env(), Logs(), Flush()];

    private static Command List()
    {
        var json = SupervisorCall.JsonOption();
        var command = new Command("list", "Show what runs.") { json };
        command.Aliases.Add("ls");
        command.Aliases.Add("l");
        command.Aliases.Add("ps");
        command.Aliases.Add("status");

        // Where no supervisor runs, nothing does; that is an answer and no error.
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunIfAnyAsync(
            async supervisor => StartCommand.Show(supervisor is null ? [] : await supervisor.ListAsync(cancellationToken), parsed.GetValue(json)),
            cancellationToken));
        return command;
    }

    private static Command Info()
    {
        var targets = SupervisorCall.Targets();
        var json = SupervisorCall.JsonOption();
        var command = new Command("info", "Show all that is known of processes.") { targets, json };
        command.Aliases.Add("describe");
        command.Aliases.Add("desc");
        command.Aliases.Add("show");
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                var found = await Task.WhenAll(parsed.GetRequiredValue(targets).Select(target => supervisor.DescribeAsync(target, cancellationToken)));
                WorkerDetails[] details = [.. found.SelectMany(part => part).DistinctBy(worker => worker.Worker.Id)];
                if (parsed.GetValue(json))
                {
                    SupervisorCall.Print(details);
                    return 0;
                }

                foreach (var worker in details)
                {
                    AnsiConsole.Write(Describe(worker));
                }

                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command Env()
    {
        var target = SupervisorCall.Target();
        var json = SupervisorCall.JsonOption();
        var command = new Command("env", "Show the environment variables of a process.") { target, json };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                var worker = (await supervisor.DescribeAsync(parsed.GetRequiredValue(target), cancellationToken))[0];
                if (parsed.GetValue(json))
                {
                    SupervisorCall.Print(worker.Environment);
                    return 0;
                }

                foreach (var (name, value) in worker.Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    Console.WriteLine($"{name}={value}");
                }

                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command Logs()
    {
        var target = SupervisorCall.Target();
        target.Arity = ArgumentArity.ZeroOrOne;
        target.DefaultValueFactory = _ => "all";
        var lines = new Option<int>("--lines") { Description = "How many last lines.", HelpName = "number", DefaultValueFactory = _ => DefaultLines };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with lines as they come." };
        var outOnly = new Option<bool>("--out") { Description = "Only the standard output." };
        var errorOnly = new Option<bool>("--err") { Description = "Only the standard error." };
        var raw = new Option<bool>("--raw") { Description = "Only the lines themselves." };
        var json = new Option<bool>("--json") { Description = "Print a JSON object for each line." };
        var command = new Command("logs", "Show what processes write.") { target, lines, follow, outOnly, errorOnly, raw, json };
        command.Aliases.Add("log");
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                var what = parsed.GetRequiredValue(target);
                var form = new LineForm(parsed.GetValue(raw), parsed.GetValue(json));
                bool IsWanted(LogLine line) => line.Stream == LogStream.Out ? !parsed.GetValue(errorOnly) : !parsed.GetValue(outOnly);

                // Listening begins before the past is read, so that no line falls between.
                await using var coming = supervisor.FollowAsync(what, cancellationToken).GetAsyncEnumerator(cancellationToken);
                var next = parsed.GetValue(follow) ? coming.MoveNextAsync() : default;
                foreach (var line in (await supervisor.TailAsync(what, parsed.GetValue(lines), cancellationToken)).Where(IsWanted))
                {
                    form.Print(line);
                }

                while (parsed.GetValue(follow) && await next)
                {
                    if (IsWanted(coming.Current))
                    {
                        form.Print(coming.Current);
                    }

                    next = coming.MoveNextAsync();
                }

                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command Flush()
    {
        var target = SupervisorCall.Target();
        target.Arity = ArgumentArity.ZeroOrOne;
        target.DefaultValueFactory = _ => "all";
        var command = new Command("flush", "Empty logs.") { target };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                await supervisor.FlushAsync(parsed.GetRequiredValue(target), cancellationToken);
                Console.WriteLine("The logs are empty.");
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Table Describe(WorkerDetails details)
    {
        var (worker, config) = (details.Worker, details.Config);
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "").Title(Markup.Escape($"{worker.Name} ({worker.Id})"));
        void Add(string name, string? value) => table.AddRow($"[bold]{name}[/]", Markup.Escape(value ?? "-"));
        table.AddRow("[bold]status[/]", WorkerTable.Status(worker.Status));
        Add("reason", worker.Reason);
        Add("namespace", worker.Namespace);
        Add("process", worker.Pid?.ToString(CultureInfo.InvariantCulture));
        Add("started", worker.StartedAt?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        Add("restarts", string.Create(CultureInfo.InvariantCulture, $"{worker.Restarts} (unstable in a row: {worker.UnstableRestarts})"));
        Add("last exit", worker.LastExit);
        Add("script", config.Script);
        Add("arguments", string.Join(' ', config.Args));
        Add("interpreter", config.Interpreter is null or AppConfig.NoInterpreter ? null : string.Join(' ', config.InterpreterArgs.Prepend(config.Interpreter)));
        Add("folder", config.Cwd);
        Add("mode", config.ExecMode.ToString().ToLowerInvariant());
        Add("listens on", string.Join(", ", worker.Addresses));
        Add("user", worker.User);
        Add("watch", string.Join(", ", config.Watch));
        Add("output log", details.Logs.Out);
        Add("error log", details.Logs.Error);
        Add("cpu", string.Create(CultureInfo.InvariantCulture, $"{worker.Cpu:0.0}%"));
        Add("memory", WorkerTable.Bytes(worker.Memory));
        return table;
    }
}
