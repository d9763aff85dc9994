namespace Starling.Supervisor.Workers;

/// <summary>What identifies a process of a worker, also for a supervisor that did not start it.</summary>
/// <param name="Pid">Id of the process.</param>
/// <param name="StartTicks">When the system started it; tells it from a later process of the same id.</param>
/// <param name="Number">Number of the start, unique within the supervisor's folder; names its links.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="Notify">Where it sends notifications; null for the place that a former version chose.</param>
/// <param name="CanDrain">Whether Node runs it with the script by which its servers finish what they began.</param>
internal sealed record WorkerProcessRecord(int Pid, long StartTicks, long Number, DateTimeOffset StartedAt, string? Notify = null, bool CanDrain = false);
