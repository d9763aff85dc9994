namespace Starling.Supervisor.Workers;

/// <summary>How a process let go of its connections.</summary>
/// <param name="Finished">Connections that finished by themselves; null when the process does not say.</param>
/// <param name="Cut">Connections that were cut at the end of the drain; null when the process does not say.</param>
/// <param name="WasKilled">Whether it had to be ended by force.</param>
/// <param name="Duration">Time from the word to stop to the end of the process.</param>
public sealed record DrainReport(int? Finished, int? Cut, bool WasKilled, TimeSpan Duration);
