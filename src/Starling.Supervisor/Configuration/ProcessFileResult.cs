namespace Starling.Supervisor.Configuration;

/// <summary>What a process file says.</summary>
/// <param name="Apps">The applications, in the order of the file.</param>
/// <param name="Warnings">What the file says that has no effect, a sentence each, with the place.</param>
public sealed record ProcessFileResult(IReadOnlyList<AppConfig> Apps, IReadOnlyList<string> Warnings);
