using System.Reflection;

namespace Starling.Supervisor;

/// <summary>A supervisor.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Pid">Id of its process.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="StartedAt">When it started.</param>
public sealed record SupervisorInfo(string Version, int Pid, string Folder, DateTimeOffset StartedAt)
{
    /// <summary>The version of a supervisor that this program would start.</summary>
    public static string CurrentVersion { get; } =
        typeof(SupervisorInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
