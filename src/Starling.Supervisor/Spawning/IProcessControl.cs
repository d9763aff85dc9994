namespace Starling.Supervisor.Spawning;

/// <summary>How a process that runs is told to end. Safe for use by several threads, also when the process has ended.</summary>
internal interface IProcessControl
{
    /// <summary>Whether there is such a signal on this system.</summary>
    bool Takes(int signal);

    bool Signal(ChildProcess child, int signal);

    Task<int> KillTreeAsync(ChildProcess child);
}
