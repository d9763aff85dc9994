namespace Starling.Supervisor;

/// <summary>A supervisor.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Pid">Id of its process.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="StartedAt">When it started.</param>
public sealed record SupervisorInfo(string Version, int Pid, string Folder, DateTimeOffset StartedAt);
