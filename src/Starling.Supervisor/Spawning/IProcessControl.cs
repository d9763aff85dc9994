namespace Starling.Supervisor.Spawning;

/// <summary>How a process that runs is told to end. Safe for use by several threads, also when the process has ended.</summary>
internal interface IProcessControl
{
    /// <summary>Whether there is such a signal on this system.</summary>
    bool Takes(int signal);

    bool Signal(ChildProcess child, int signal);

    /// <summary>Sends a signal to it and to all that it started, waits, and ends by force what is left.</summary>
    /// <returns>Whether the process ended in time.</returns>
    Task<bool> EndTreeAsync(ChildProcess child, int signal, TimeSpan limit);

    Task<int> KillTreeAsync(ChildProcess child);
}
