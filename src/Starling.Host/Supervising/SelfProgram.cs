using System.Reflection;
using Starling.Supervisor;
using Starling.Supervisor.Spawning;

namespace Starling.Host.Supervising;

/// <summary>This program, started again for another part of its work.</summary>
internal static class SelfProgram
{
    /// <summary>How <c>starling</c> is started in the background for a supervisor's folder: what it prints goes to the daemon's log.</summary>
    public static SpawnOptions Background(SupervisorFolder folder, params string[] arguments)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Assembly.GetEntryAssembly()!.Location] : [];
        var variables = Environment.GetEnvironmentVariables();
        var environment = variables.Keys.Cast<string>().ToDictionary(name => name, name => (string)variables[name]!);
        environment[SupervisorFolder.Variable] = folder.Path;
        return new SpawnOptions
        {
            FileName = program,
            Arguments = [.. self, .. arguments],
            WorkingDirectory = folder.Path,
            Environment = environment,
            Output = StandardStream.File(folder.DaemonLog),
            Error = StandardStream.File(folder.DaemonLog),
            Detached = true,
        };
    }
}
