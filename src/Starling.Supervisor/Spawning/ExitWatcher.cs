using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Starling.Supervisor.Spawning;

/// <summary>
/// Collects the children that this process spawned as they end. Lives as long as the process; any thread may use it. It asks for each child by its
/// id, never for "any child", so that children of <see cref="System.Diagnostics.Process"/> and of libraries are left to those.
/// </summary>
internal sealed class ExitWatcher
{
    private static readonly Lazy<ExitWatcher> Lazy = new(() => new ExitWatcher());

    private readonly ConcurrentDictionary<int, ChildProcess> _children = new();
    private readonly PosixSignalRegistration _signal;
    private readonly Lock _collecting = new();

    private ExitWatcher()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException(SupportedSystem.Refusal);
        }

        _signal = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Collect());
    }

    public static ExitWatcher Instance => Lazy.Value;

    public void Add(ChildProcess child)
    {
        _children[child.Id] = child;

        // It may have ended before it was known here; the signal of that is gone.
        Collect();
    }

    /// <summary>Runs the action unless the child has been collected, after which its id may belong to somebody else.</summary>
    public bool IfPresent(ChildProcess child, Action action)
    {
        lock (_collecting)
        {
            if (!_children.ContainsKey(child.Id))
            {
                return false;
            }

            action();
            return true;
        }
    }

    private void Collect()
    {
        foreach (var (id, child) in _children)
        {
            int status;
            lock (_collecting)
            {
                var result = Libc.waitpid(id, out status, Libc.WNoHang);
                if (result == 0 || (result < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted))
                {
                    continue;
                }

                if (!_children.TryRemove(id, out _))
                {
                    continue;
                }

                child.OnExited(result == id ? ExitStatus.FromWait(status) : ExitStatus.Unknown);
            }
        }

        GC.KeepAlive(_signal);
    }
}
