namespace Starling.Supervisor.Spawning;

/// <summary>Control of processes by their ids, on Linux and macOS.</summary>
internal sealed class PosixControl : IProcessControl
{
    public static PosixControl Instance { get; } = new();

    public bool Takes(int signal) => true;

    public bool Signal(ChildProcess child, int signal) => ExitWatcher.Instance.IfPresent(child, () => _ = Libc.kill(child.Id, signal));

    public Task<bool> EndTreeAsync(ChildProcess child, int signal, TimeSpan limit) => TreeEnd.EndAsync(() => Tree(child), child.Exited, signal, limit, TimeProvider.System);

    // Elsewhere than on Linux a process of that id, once ours was collected, is a stranger.
    public Task<int> KillTreeAsync(ChildProcess child) =>
        !OperatingSystem.IsLinux() && child.Exited.IsCompleted && Libc.kill(child.Id, 0) == 0 ? Task.FromResult(0) : TreeEnd.KillAsync(Tree(child));

    private static ProcessTree Tree(ChildProcess child) => new(child.Id, child.StartTicks);
}
