namespace Starling.Supervisor;

/// <summary>Where a supervisor runs.</summary>
internal static class SupportedSystem
{
    public const string Refusal = "Processes that inherit sockets need posix_spawn, which Linux and macOS have. On Windows, run the supervisor in WSL.";

    /// <summary>Refuses, before anything is started or written, what could not go on.</summary>
    /// <exception cref="SupervisorException">This is Windows.</exception>
    public static void Require()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new SupervisorException(Refusal);
        }
    }
}
