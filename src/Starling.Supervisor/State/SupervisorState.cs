using Starling.Supervisor.Workers;

namespace Starling.Supervisor.State;

/// <summary>What the next supervisor has to know: what is to run, and what runs.</summary>
/// <param name="LastNumber">Number of the last start of a process.</param>
/// <param name="NextId">Number of the next new worker.</param>
/// <param name="Groups">The applications.</param>
/// <param name="Spared">Numbers of starts from inside of which a supervisor was started; see <see cref="Callers"/>.</param>
internal sealed record SupervisorState(long LastNumber, int NextId, IReadOnlyList<GroupState> Groups, IReadOnlyList<long>? Spared = null);

/// <summary>An application.</summary>
internal sealed record GroupState(WorkerGroupRecord Record, IReadOnlyList<WorkerState> Workers);

/// <summary>A worker and its process, if it has one.</summary>
internal sealed record WorkerState(int Id, int Instance, WorkerStatus Status, string? Reason, int Restarts, WorkerProcessRecord? Process);
