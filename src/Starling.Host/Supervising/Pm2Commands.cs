using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Starling.Host.Supervising;

/// <summary>Commands whose output scripts written for PM2 read.</summary>
internal static class Pm2Commands
{
    public static IEnumerable<Command> Create() =>
    [
        List("jlist", "Print what runs as JSON in the shape of pm2 jlist.", isIndented: false),
        List("prettylist", "Print what runs as indented JSON in the shape of pm2 jlist.", isIndented: true),
        Pid(),
        Id(),
        ReloadLogs(),
    ];

    private static Command List(string name, string description, bool isIndented)
    {
        var command = new Command(name, description);
        command.SetAction((_, cancellationToken) => SupervisorCall.RunIfAnyAsync(
            async supervisor =>
            {
                var workers = supervisor is null ? [] : await supervisor.DescribeAsync("all", cancellationToken);
                var list = new JsonArray([.. workers.Select(Pm2View.ProcessWithVariables)]);
                Console.WriteLine(list.ToJsonString(new System.Text.Json.JsonSerializerOptions(SupervisorCall.Json) { WriteIndented = isIndented }));
                return 0;
            },
            cancellationToken,
            warns: false));
        return command;
    }

    private static Command Pid()
    {
        var target = new Argument<string?>("target") { Description = "Name of an application or a namespace, or number of a process; by default all.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("pid", "Print process ids, one on each line; 0 for a process that does not run.") { target };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                foreach (var details in await supervisor.DescribeAsync(parsed.GetValue(target) ?? "all", cancellationToken))
                {
                    Console.WriteLine((details.Worker.Pid ?? 0).ToString(CultureInfo.InvariantCulture));
                }

                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command Id()
    {
        var name = new Argument<string>("name") { Description = "Name of an application." };
        var command = new Command("id", "Print the numbers of an application's processes, as a list: [ 0, 1 ].") { name };
        command.SetAction((parsed, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                var workers = await supervisor.ListAsync(cancellationToken);
                var ids = string.Join(", ", workers.Where(worker => worker.Name == parsed.GetRequiredValue(name)).Select(worker => worker.Id.ToString(CultureInfo.InvariantCulture)));
                Console.WriteLine(ids.Length == 0 ? "[]" : $"[ {ids} ]");
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command ReloadLogs()
    {
        var command = new Command("reloadLogs", "Open the log files again, after another program moved them away.");
        command.SetAction((_, cancellationToken) => SupervisorCall.RunAsync(
            async supervisor =>
            {
                await supervisor.ReopenLogsAsync(cancellationToken);
                Console.WriteLine("The log files are open again.");
                return 0;
            },
            cancellationToken));
        return command;
    }
}
