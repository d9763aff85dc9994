namespace Starling.Apps.Cache;

/// <summary>What the services are.</summary>
public enum RunMode
{
    /// <summary>Threads of this process.</summary>
    Threads,

    /// <summary>Processes of this machine, on a Unix socket.</summary>
    Processes,

    /// <summary>Processes on TCP, of this machine or of others.</summary>
    Tcp,
}
