namespace Starling.Supervisor.Spawning;

/// <summary>Control of processes by their ids, on Linux and macOS.</summary>
internal sealed class PosixControl : IProcessControl
{
    public static PosixControl Instance { get; } = new();

    public bool Takes(int signal) => true;

    public bool Signal(ChildProcess child, int signal) => ExitWatcher.Instance.IfPresent(child, () => _ = Libc.kill(child.Id, signal));

    public Task<int> KillTreeAsync(ChildProcess child) => ProcessTree.KillAsync(child.Id, child.Exited.IsCompleted);
}
