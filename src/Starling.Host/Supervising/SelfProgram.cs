using System.Reflection;
using Starling.Supervisor;
using Starling.Supervisor.Spawning;

namespace Starling.Host.Supervising;

/// <summary>This program, started again for another part of its work.</summary>
internal static class SelfProgram
{
    /// <summary>How this program was started: by its own name, or through <c>dotnet</c>.</summary>
    public static string[] Command { get; } = FindCommand();

    /// <summary>The variables that this program was started with.</summary>
    public static Dictionary<string, string> Variables()
    {
        var variables = Environment.GetEnvironmentVariables();
        return variables.Keys.Cast<string>().ToDictionary(name => name, name => (string)variables[name]!);
    }

    /// <summary>How <c>starling</c> is started in the background for a supervisor's folder: what it prints goes to the daemon's log.</summary>
    public static SpawnOptions Background(SupervisorFolder folder, params string[] arguments)
    {
        var environment = Variables();
        environment[SupervisorFolder.Variable] = folder.Path;

        // The collector of a web server spreads over all processors, for memory that this process never has. Workers have an environment of their own.
        environment["DOTNET_gcServer"] = "0";
        return new SpawnOptions
        {
            FileName = Command[0],
            Arguments = [.. Command[1..], .. arguments],
            WorkingDirectory = folder.Path,
            Environment = environment,
            Output = StandardStream.File(folder.DaemonLog),
            Error = StandardStream.File(folder.DaemonLog),
            Detached = true,
        };
    }

    private static string[] FindCommand()
    {
        var program = Environment.ProcessPath ?? throw new PlatformNotSupportedException("The system does not say where this program is.");
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Assembly.GetEntryAssembly()!.Location] : [program];
    }
}
