namespace Starling.Supervisor.Rolling;

/// <summary>How one worker was replaced.</summary>
/// <param name="Id">Number of the worker.</param>
/// <param name="OldPid">Id of the process that ran before; null when none did.</param>
/// <param name="NewPid">Id of the process that runs now; null when it could not be started.</param>
/// <param name="Finished">Connections of the old process that finished by themselves; null when it does not say.</param>
/// <param name="Cut">Connections that were cut at the end of the drain; null when it does not say.</param>
/// <param name="WasKilled">Whether the old process had to be ended by force.</param>
/// <param name="DrainSeconds">Time that the old process took to end, in seconds.</param>
public sealed record ReloadedWorker(int Id, int? OldPid, int? NewPid, int? Finished, int? Cut, bool WasKilled, double DrainSeconds)
{
    /// <summary>Whether the old process ended before the new one was started, since two of them cannot run at the same time: a restart, with a gap.</summary>
    public bool WasRestarted { get; init; }
}
