using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Control;

/// <summary>Settings of a daemon.</summary>
public sealed record DaemonOptions
{
    /// <summary>Settings of its supervisor.</summary>
    public required SupervisorOptions Supervisor { get; init; }

    /// <summary>How a keeper is started when the one behind this daemon dies.</summary>
    public required SpawnOptions Keeper { get; init; }
}
