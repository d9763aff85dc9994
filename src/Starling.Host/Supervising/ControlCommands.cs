using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Starling.Supervisor;
using Starling.Supervisor.Rolling;

namespace Starling.Host.Supervising;

/// <summary>Commands that change what runs.</summary>
internal static class ControlCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Simple("stop", "Stop processes; they stay in the list.", (supervisor, target, cancellationToken) => supervisor.StopAsync(target, cancellationToken)),
        Simple("delete", "Stop processes and take them from the list.", (supervisor, target, cancellationToken) => supervisor.DeleteAsync(target, cancellationToken)),
        Restart(),
        Reload(),
        Scale(),
        Send(),
        Signal(),
        Save(),
        Resurrect(),
        Kill(),
    ];

    private static Command Simple(string name, string description, Func<ISupervisor, string, CancellationToken, Task<IReadOnlyList<WorkerInfo>>> action)
    {
        var target = SupervisorCall.Target();
        var json = SupervisorCall.JsonOption();
        var command = new Command(name, description) { target, json };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor => ShowDone(await action(supervisor, parsed.GetRequiredValue(target), cancellationToken), parsed.GetValue(json)), cancellationToken));
        return command;
    }

    private static Command Restart()
    {
        var target = SupervisorCall.Target();
        var (updates, environment) = Updates();
        var json = SupervisorCall.JsonOption();
        var command = new Command("restart", "Stop processes and start them again.") { target, updates, environment, json };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor => StartCommand.Show(
                await supervisor.RestartAsync(parsed.GetRequiredValue(target), Update(parsed.GetValue(updates), parsed.GetValue(environment)), cancellationToken), parsed.GetValue(json)),
            cancellationToken));
        return command;
    }

    private static Command Reload()
    {
        var target = SupervisorCall.Target();
        var (updates, environment) = Updates();
        var json = SupervisorCall.JsonOption();
        var command = new Command("reload", "Replace processes one after the other, without refusing or cutting connections.") { target, updates, environment, json };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                var reports = await supervisor.ReloadAsync(parsed.GetRequiredValue(target), Update(parsed.GetValue(updates), parsed.GetValue(environment)), cancellationToken);
                if (parsed.GetValue(json))
                {
                    SupervisorCall.Print(reports);
                }
                else
                {
                    Array.ForEach([.. reports], Print);
                }

                return reports.Any(report => report.Failure is not null) ? SupervisorCall.Failed : 0;
            },
            cancellationToken));
        return command;
    }

    private static Command Scale()
    {
        var app = new Argument<string>("app") { Description = "Name of the application." };
        var count = new Argument<string>("count") { Description = "4, +2 or -1." };
        var json = SupervisorCall.JsonOption();
        var command = new Command("scale", "Change the number of processes of an application.") { app, count, json };

        // -1 is a number here and no option.
        command.TreatUnmatchedTokensAsErrors = false;
        count.Arity = ArgumentArity.ZeroOrOne;
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                var wanted = parsed.GetValue(count) ?? (parsed.UnmatchedTokens is [var token, ..] ? token : throw new SupervisorException("How many? Write 4, +2 or -1."));
                return StartCommand.Show(await supervisor.ScaleAsync(parsed.GetRequiredValue(app), wanted, cancellationToken), parsed.GetValue(json));
            },
            cancellationToken));
        return command;
    }

    private static Command Send()
    {
        var target = SupervisorCall.Target();
        var message = new Argument<string>("message") { Description = "JSON, or text that is sent as a string." };
        var command = new Command("send", "Send a message to processes (process.on('message') in Node.js).") { target, message };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor => Report(await supervisor.SendAsync(parsed.GetRequiredValue(target), Parse(parsed.GetRequiredValue(message)), cancellationToken), "got the message"),
            cancellationToken));
        return command;
    }

    private static Command Signal()
    {
        var signal = new Argument<string>("signal") { Description = "SIGHUP, HUP or a number." };
        var target = SupervisorCall.Target();
        var command = new Command("signal", "Send a signal to processes.") { signal, target };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor => Report(await supervisor.SignalAsync(parsed.GetRequiredValue(target), parsed.GetRequiredValue(signal), cancellationToken), "got the signal"),
            cancellationToken));
        return command;
    }

    private static Command Save()
    {
        var command = new Command("save", "Write down what runs, for resurrect.");
        command.SetAction((_, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                Console.WriteLine("Saved to " + await supervisor.SaveAsync(cancellationToken));
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command Resurrect()
    {
        var json = SupervisorCall.JsonOption();
        var command = new Command("resurrect", "Start what was saved.") { json };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunOrStartAsync(
            async supervisor => StartCommand.Show(await supervisor.ResurrectAsync(cancellationToken), parsed.GetValue(json)), cancellationToken));
        return command;
    }

    private static Command Kill()
    {
        var command = new Command("kill", "Stop everything, the supervisor too.");
        command.SetAction((_, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                await supervisor.KillAsync(cancellationToken);
                Console.WriteLine("Everything has ended.");
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static (Option<bool> Updates, Option<string?> Environment) Updates() => (
        new Option<bool>("--update-env") { Description = "Give the processes the variables of this shell." },
        new Option<string?>("--env") { Description = "Environment to choose; implies --update-env.", HelpName = "name" });

    private static EnvironmentUpdate? Update(bool isAsked, string? environment) =>
        isAsked || environment is not null ? new EnvironmentUpdate(SelfProgram.Variables(), environment) : null;

    private static JsonElement Parse(string message)
    {
        try
        {
            return JsonDocument.Parse(message).RootElement;
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(message);
        }
    }

    private static int Report(int count, string what)
    {
        Console.WriteLine(count == 1 ? $"1 process {what}." : $"{count} processes {what}.");
        return 0;
    }

    private static int ShowDone(IReadOnlyList<WorkerInfo> workers, bool json)
    {
        StartCommand.Show(workers, json);
        return 0;
    }

    private static void Print(ReloadReport report)
    {
        foreach (var worker in report.Workers)
        {
            var connections = worker.Finished is null ? "" : $"; connections finished: {worker.Finished}, cut: {worker.Cut}";
            var end = worker.OldPid is null ? "" : $", {worker.OldPid} ended {(worker.WasKilled ? "by force " : "")}after {worker.DrainSeconds:0.0} s{connections}";
            AnsiConsole.MarkupLineInterpolated($"[green]✓[/] {report.App} ({worker.Id}): process {worker.NewPid} runs{end}");
        }

        if (report.Failure is { } failure)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]✗ {report.App}: {failure}[/]");
        }
    }
}
