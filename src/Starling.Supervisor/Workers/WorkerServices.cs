using Microsoft.Extensions.Logging;
using Starling.Supervisor.Logs;
using Starling.Supervisor.Routing;

namespace Starling.Supervisor.Workers;

/// <summary>What all workers of a supervisor use.</summary>
internal sealed record WorkerServices
{
    public required WorkerLauncher Launcher { get; init; }

    public required SupervisorEvents Events { get; init; }

    public required MessageRouter Router { get; init; }

    public required LogStore Logs { get; init; }

    public required SupervisorFolder Folder { get; init; }

    public required WorkerPlaces Places { get; init; }

    public Callers Callers { get; } = new();

    /// <summary>Completes when the workers of a former supervisor are adopted, so that messages find their receivers.</summary>
    public TaskCompletionSource Adopted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Told after every change of what has to be known after a crash of the supervisor. Must not wait.</summary>
    public required Action OnChanged { get; init; }
}
