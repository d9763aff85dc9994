using System.CommandLine;
using System.Text.Json;
using Starling.Supervisor;

namespace Starling.Host.Supervising;

/// <summary>Commands that change what runs.</summary>
internal static class ControlCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Simple("stop", [], "Stop processes; they stay in the list.", (supervisor, target, cancellationToken) => supervisor.StopAsync(target, cancellationToken)),
        Simple("delete", ["del"], "Stop processes and take them from the list.", (supervisor, target, cancellationToken) => supervisor.DeleteAsync(target, cancellationToken)),
        Simple("reset", [], "Count restarts from 0 again.", (supervisor, target, cancellationToken) => supervisor.ResetAsync(target, cancellationToken)),
        Scale(),
        Send(),
        Signal(),
        Save(),
        Resurrect(),
        Kill(),
    ];

    private static Command Simple(string name, string[] aliases, string description, Func<ISupervisor, string, CancellationToken, Task<IReadOnlyList<WorkerInfo>>> action)
    {
        var targets = SupervisorCall.Targets(files: true);
        var only = SupervisorCall.OnlyOption();
        var json = SupervisorCall.JsonOption();
        var command = new Command(name, description) { targets, only, json };
        Array.ForEach(aliases, command.Aliases.Add);
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                var found = await SupervisorCall.ResolveAsync(supervisor, parsed.GetRequiredValue(targets), parsed.GetValue(only) ?? [], cancellationToken);
                var workers = await Task.WhenAll(found.Select(target => action(supervisor, target, cancellationToken)));
                StartCommand.Show([.. workers.SelectMany(part => part).DistinctBy(worker => worker.Id)], parsed.GetValue(json));
                return 0;
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
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor => StartCommand.Show(
                await supervisor.ScaleAsync(parsed.GetRequiredValue(app), parsed.GetRequiredValue(count), cancellationToken), parsed.GetValue(json)),
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
        command.Aliases.Add("sendSignal");
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor => Report(await supervisor.SignalAsync(parsed.GetRequiredValue(target), parsed.GetRequiredValue(signal), cancellationToken), "got the signal"),
            cancellationToken));
        return command;
    }

    private static Command Save()
    {
        var command = new Command("save", "Write down what runs, for resurrect.");
        command.Aliases.Add("dump");
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

    private static JsonElement Parse(string message)
    {
        try
        {
            using var document = JsonDocument.Parse(message);
            return document.RootElement.Clone();
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
}
