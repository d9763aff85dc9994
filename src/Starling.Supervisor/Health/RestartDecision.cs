namespace Starling.Supervisor.Health;

/// <summary>What becomes of a process that ended, and why.</summary>
/// <param name="Action">What is done.</param>
/// <param name="Delay">Wait before a restart.</param>
/// <param name="Reason">Why, as a sentence for lists and logs.</param>
public sealed record RestartDecision(RestartAction Action, TimeSpan Delay, string Reason);
