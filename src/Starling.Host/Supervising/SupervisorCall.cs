using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Starling.Messaging;
using Starling.Supervisor;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Control;
using Starling.Supervisor.Spawning;

namespace Starling.Host.Supervising;

/// <summary>What all commands of the supervisor have in common: they connect, say what is wrong in one line, and print JSON when asked to.</summary>
internal static class SupervisorCall
{
    public const int Failed = 1;

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static Option<bool> JsonOption() => new("--json") { Description = "Print JSON." };

    public static Argument<string> Target()
    {
        var target = new Argument<string>("target") { Description = "Name of an application or a namespace, number of a process, or all." };
        target.CompletionSources.Add(_ => Names().GetAwaiter().GetResult());
        return target;
    }

    /// <summary>Targets of a command that takes several; <paramref name="files"/> says whether process files are among them.</summary>
    public static Argument<string[]> Targets(bool files = false)
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Names of applications or namespaces, numbers of processes, or all" + (files ? "; or process files." : "."),
            Arity = ArgumentArity.OneOrMore,
        };
        targets.CompletionSources.Add(_ => Names().GetAwaiter().GetResult());
        return targets;
    }

    public static Option<string[]> OnlyOption() => new("--only")
    {
        Description = "Of a process file, only these applications or namespaces.",
        HelpName = "name",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Replaces process files by the names of their applications, and checks that each target means something before anything is done.</summary>
    /// <exception cref="RpcException">A target means nothing; the message names the nearest one.</exception>
    public static async Task<IReadOnlyList<string>> ResolveAsync(ISupervisor supervisor, string[] words, string[] only, CancellationToken cancellationToken)
    {
        var targets = await ApplicationFiles.TargetsAsync(supervisor, words, only, cancellationToken);
        if (targets.Count > 1)
        {
            foreach (var target in targets)
            {
                await supervisor.DescribeAsync(target, cancellationToken);
            }
        }

        return targets;
    }

    /// <summary>Whether a supervisor runs.</summary>
    public static async Task<bool> IsPresentAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var client = await SupervisorClient.TryConnectAsync(new SupervisorFolder(), cancellationToken);
            return client is not null;
        }
        catch (Exception exception) when (exception is RpcException or IOException)
        {
            // The command that asks meets the same error, and prints it.
            return true;
        }
    }

    /// <summary>Runs a command that needs something to run already.</summary>
    public static Task<int> RunAsync(Func<ISupervisor, Task<int>> action, CancellationToken cancellationToken) => RunIfAnyAsync(
        supervisor => action(Require(supervisor)), cancellationToken);

    /// <summary>The supervisor, if there is one.</summary>
    /// <exception cref="SupervisorException">There is none; the message says what starts one.</exception>
    public static ISupervisor Require(ISupervisor? supervisor) =>
        supervisor ?? throw new SupervisorException($"Nothing runs: there is no supervisor for {new SupervisorFolder().Path}. 'starling start' starts one.");

    /// <summary>Runs a command for which no supervisor is an answer too.</summary>
    /// <param name="action">The command; gets null where there is no supervisor.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="warns">Whether to say when the supervisor has another version.</param>
    public static Task<int> RunIfAnyAsync(Func<ISupervisor?, Task<int>> action, CancellationToken cancellationToken, bool warns = true) => RunAsync(
        async () =>
        {
            var folder = new SupervisorFolder();
            await using var client = await SupervisorClient.TryConnectAsync(folder, cancellationToken) ?? await StartDeadAsync(folder, cancellationToken);
            if (client is not null && warns)
            {
                await WarnAsync(client.Supervisor, cancellationToken);
            }

            return await action(client?.Supervisor);
        },
        cancellationToken);

    /// <summary>Starts a supervisor again that died together with its keeper; null if the last one ended by 'kill'.</summary>
    private static async Task<SupervisorClient?> StartDeadAsync(SupervisorFolder folder, CancellationToken cancellationToken)
    {
        if (!await DaemonStart.HasDiedAsync(folder))
        {
            return null;
        }

        var client = await DaemonStart.ConnectAsync(folder, SelfProgram.Background(folder, "keeper"), cancellationToken);
        await Console.Error.WriteLineAsync("warning: The supervisor had ended without 'starling kill'. It was started again, and starts what ran.");
        return client;
    }

    /// <summary>Runs a command that starts the supervisor when there is none.</summary>
    public static Task<int> RunOrStartAsync(Func<ISupervisor, Task<int>> action, CancellationToken cancellationToken) => RunAsync(
        async () =>
        {
            var folder = new SupervisorFolder();
            await using var client = await DaemonStart.ConnectAsync(folder, SelfProgram.Background(folder, "keeper"), cancellationToken);
            await WarnAsync(client.Supervisor, cancellationToken);
            return await action(client.Supervisor);
        },
        cancellationToken);

    /// <summary>What is to be said of a supervisor that has another version than this program; null of one that has not.</summary>
    public static string? OtherVersion(SupervisorInfo info) =>
        info.Version == SupervisorInfo.CurrentVersion ? null : $"The supervisor has version {info.Version}, and this program {SupervisorInfo.CurrentVersion}.";

    public static void Print<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>What a target can be, for completion; nothing when no supervisor runs.</summary>
    private static async Task<IEnumerable<string>> Names()
    {
        await using var client = await SupervisorClient.TryConnectAsync(new SupervisorFolder(), CancellationToken.None);
        return client is null ? [] : (await client.Supervisor.ListAsync(CancellationToken.None)).SelectMany(worker => new[] { worker.Name, worker.Namespace }).Append("all").Distinct();
    }

    private static async Task WarnAsync(ISupervisor supervisor, CancellationToken cancellationToken)
    {
        if (OtherVersion(await supervisor.GetInfoAsync(cancellationToken)) is { } other)
        {
            await Console.Error.WriteLineAsync($"warning: {other} 'starling update' starts it anew; what it runs goes on.");
        }
    }

    private static async Task<int> RunAsync(Func<Task<int>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (exception
            is RpcException or ConnectionLostException or TimeoutException or IOException or UnauthorizedAccessException or SpawnException or AppConfigException or ProcessFileException)
        {
            await Console.Error.WriteLineAsync("error: " + exception.Message);
            return Failed;
        }
    }
}
