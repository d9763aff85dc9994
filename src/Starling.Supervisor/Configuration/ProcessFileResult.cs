namespace Starling.Supervisor.Configuration;

/// <summary>What a process file says.</summary>
/// <param name="Apps">The applications that can run, in the order of the file; at least one.</param>
/// <param name="Warnings">What the file says that has no effect, a sentence each, with the place.</param>
/// <param name="Failures">The applications that cannot run: this machine lacks their script, their folder, their interpreter, or an application that they depend on.</param>
public sealed record ProcessFileResult(IReadOnlyList<AppConfig> Apps, IReadOnlyList<string> Warnings, IReadOnlyList<ProcessFileException> Failures);
