using Microsoft.Win32.SafeHandles;

namespace Starling.Supervisor.Workers;

/// <summary>The ends of a process's links that the process itself gets. This process closes its copies once it has started, or an end would never be seen.</summary>
internal sealed record WorkerEnds(SafeFileHandle Output, SafeFileHandle Error, SafeFileHandle Channel) : IDisposable
{
    public void Dispose()
    {
        Output.Dispose();
        Error.Dispose();
        Channel.Dispose();
    }
}
