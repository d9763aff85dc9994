using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>A process as the system has it, whether this supervisor started it or a former one did.</summary>
internal interface ISystemProcess
{
    int Id { get; }

    /// <summary>Completes when it has ended.</summary>
    Task<ExitStatus> Exited { get; }

    /// <summary>Sends a signal; false when it has ended.</summary>
    bool Signal(int signal);
}
