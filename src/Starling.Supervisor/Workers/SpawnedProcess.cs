using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>A process that this supervisor started.</summary>
internal sealed class SpawnedProcess(ChildProcess child) : ISystemProcess
{
    public int Id => child.Id;

    public Task<ExitStatus> Exited => child.Exited;

    public bool Signal(int signal) => child.Signal(signal);
}
