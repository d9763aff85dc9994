using System.CommandLine;
using System.Globalization;
using Starling.Host.Commands;
using Starling.Supervisor;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary><c>starling start</c>: scripts, programs, process files, or applications in the list that do not run.</summary>
internal static class StartCommand
{
    private static readonly Argument<string[]> Words = new("what")
    {
        Description = "Scripts, programs, process files (.json, .yaml, .config.js; - for standard input), or what 'list' shows. By default ecosystem.config.js. Arguments of a script stand after --.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> ChosenEnvironment = new("--env") { Description = "Environment to choose: production takes env_production.", HelpName = "name" };
    private static readonly Option<string[]> Only = SupervisorCall.OnlyOption();
    private static readonly Option<bool> Force = new("--force", "-f") { Description = "Start a script once more, under another name, when its name is taken." };
    private static readonly Option<bool> Attach = new("--attach") { Description = "Show the logs afterwards." };
    private static readonly Option<bool> Foreground = new("--no-daemon") { Description = "Stay in the foreground, show the logs, and stop everything at the end." };
    private static readonly Option<bool> Json = SupervisorCall.JsonOption();
    private static readonly StartOptions Keys = new();

    public static Command Create()
    {
        var command = new Command("start", "Start applications and keep them up.") { Words, ChosenEnvironment, Only, Force, Attach, Foreground, Json };
        foreach (var option in Keys.All)
        {
            command.Add(option);
        }

        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>Whether a command stays in the foreground until it has stopped all processes.</summary>
    public static bool StaysInForeground(ParseResult parsed) => parsed.CommandResult.Command.Name == "start" && parsed.GetValue(Foreground);

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

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var isForeground = parsed.GetValue(Foreground) && !await SupervisorCall.IsPresentAsync(cancellationToken);
        return await SupervisorCall.RunOrStartAsync(
            supervisor => isForeground ? RunForegroundAsync(supervisor, parsed, cancellationToken)
                : parsed.GetValue(Attach) || parsed.GetValue(Foreground) ? RunAttachedAsync(supervisor, parsed, cancellationToken)
                : ShowStartedAsync(supervisor, parsed, cancellationToken),
            cancellationToken);
    }

    private static async Task<int> ShowStartedAsync(ISupervisor supervisor, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (workers, areAll) = await StartAsync(supervisor, parsed, cancellationToken);
        var code = Show(workers, parsed.GetValue(Json));
        return areAll ? code : SupervisorCall.Failed;
    }

    private static async Task<int> RunAttachedAsync(ISupervisor supervisor, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var logs = new LogStreaming(supervisor, cancellationToken);
        var (workers, areAll) = await StartAsync(supervisor, parsed, cancellationToken);
        var code = Show(workers, parsed.GetValue(Json));
        await logs.FollowAsync(workers.Select(worker => worker.Name).ToHashSet().Contains);
        return areAll ? code : SupervisorCall.Failed;
    }

    private static async Task<int> RunForegroundAsync(ISupervisor supervisor, ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            await using var logs = new LogStreaming(supervisor, cancellationToken);
            await ShowStartedAsync(supervisor, parsed, cancellationToken);
            return await logs.FollowUntilStoppedAsync(cancellationToken);
        }
        finally
        {
            await supervisor.KillAsync(CancellationToken.None);
        }
    }

    /// <returns>What has started, and whether all that was asked for can run.</returns>
    private static async Task<(IReadOnlyList<WorkerInfo> Workers, bool AreAll)> StartAsync(ISupervisor supervisor, ParseResult parsed, CancellationToken cancellationToken)
    {
        string[] arguments = [.. UnknownWords.AfterDashes(parsed).Select(token => token.Value)];
        var words = Targets(parsed, arguments.Length);
        var said = Keys.Read(parsed);
        var present = await supervisor.ListAsync(cancellationToken);
        var resumed = words.Where(word => IsPresent(word, said.Count > 0, present)).ToArray();
        var read = words.Except(resumed).Select(word => Records(word, said, arguments, parsed, present)).ToArray();
        var records = read.SelectMany(part => part.Records).ToArray();
        CheckNames(records, said.Any(entry => entry.Key == "name"));
        var workers = new List<WorkerInfo>();
        foreach (var target in resumed)
        {
            workers.AddRange(await supervisor.ResumeAsync(target, cancellationToken));
        }

        if (records.Length > 0)
        {
            workers.AddRange(await supervisor.StartAsync(records, cancellationToken));
        }

        return (workers, read.All(part => part.AreAll));
    }

    private static string[] Targets(ParseResult parsed, int arguments)
    {
        var words = parsed.GetValue(Words) ?? [];
        words = words[..^Math.Min(arguments, words.Length)];
        return words.Length > 0
            ? words
            : [ApplicationFiles.Usual.FirstOrDefault(File.Exists) ?? throw new SupervisorException($"Say what to start: a script, a program or a process file. There is no {ApplicationFiles.Usual[0]} in {Environment.CurrentDirectory}.")];
    }

    private static bool IsPresent(string word, bool hasOptions, IReadOnlyList<WorkerInfo> present) =>
        !hasOptions && !ApplicationFiles.IsFile(word) && !File.Exists(word)
        && (word == "all" || present.Any(worker => worker.Name == word || worker.Namespace == word || worker.Id.ToString(CultureInfo.InvariantCulture) == word));

    private static (IReadOnlyList<WorkerGroupRecord> Records, bool AreAll) Records(
        string word, IReadOnlyList<(string Option, string Key, string Value)> said, string[] arguments, ParseResult parsed, IReadOnlyList<WorkerInfo> present)
    {
        var environment = parsed.GetValue(ChosenEnvironment);
        if (ApplicationFiles.IsFile(word))
        {
            return said.Count == 0
                ? ApplicationFiles.Records(word, parsed.GetValue(Only) ?? [], environment)
                : throw new SupervisorException($"{said[0].Option} cannot be combined with a process file; set \"{said[0].Key}\" in {word}.");
        }

        var request = said.Aggregate(new AppRequest { Script = word, Args = arguments }, (request, entry) => request.With(entry.Key, entry.Value));
        var config = AppConfigBuilder.Resolve(request, Environment.CurrentDirectory, environment);
        return ([new WorkerGroupRecord(parsed.GetValue(Force) ? config with { Name = FreeName(config.Name, present) } : config, SelfProgram.Variables(), environment)], true);
    }

    private static string FreeName(string name, IReadOnlyList<WorkerInfo> present)
    {
        var names = present.Select(worker => worker.Name).ToHashSet();
        return names.Contains(name) ? Enumerable.Range(2, names.Count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{name}-{number}")).First(free => !names.Contains(free)) : name;
    }

    private static void CheckNames(WorkerGroupRecord[] records, bool isNamed)
    {
        if (records.GroupBy(record => record.Config.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new SupervisorException(isNamed
                ? $"--name {twice.Key} names one application, and there are {records.Length}. Start them one by one. Arguments of a script stand after '--'."
                : $"Two applications have the name '{twice.Key}'. Start them one by one, each with its own --name.");
        }
    }
}
