using System.ComponentModel;
using System.Diagnostics;

namespace Starling.Supervisor.Spawning;

/// <summary>Control of one process that <see cref="Process"/> started. Owns that object until the process has ended, whether or not anybody waits.</summary>
internal sealed class ManagedControl(Process process, SpawnOptions options) : IProcessControl
{
    /// <summary>How long the files of a process that has ended are waited for; its descendants may hold its streams for as long as they like.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private bool _isCollected;

    public bool Takes(int signal) => signal == Signals.Kill;

    public bool Signal(ChildProcess child, int signal) => IfPresent(() =>
    {
        if (!Takes(signal))
        {
            throw new PlatformNotSupportedException(
                $"{options.FileName} (process {child.Id}) cannot be sent {Signals.Name(signal)}: Windows has no signals. SIGKILL ends it by force; KillTreeAsync ends all that it started as well.");
        }

        process.Kill();
    });

    public async Task<bool> EndTreeAsync(ChildProcess child, int signal, TimeSpan limit)
    {
        Signal(child, signal);
        if (await TreeEnd.EndsWithinAsync(child.Exited, limit, TimeProvider.System))
        {
            return true;
        }

        await KillTreeAsync(child);
        return false;
    }

    public Task<int> KillTreeAsync(ChildProcess child) => Task.FromResult(IfPresent(() => process.Kill(entireProcessTree: true)) ? 1 : 0);

    /// <summary>Tells the child how it ended, when its files have what it wrote.</summary>
    public async Task WatchAsync(ChildProcess child, Task copied)
    {
        var status = ExitStatus.Unknown;
        try
        {
            await process.WaitForExitAsync();
            status = new ExitStatus(process.ExitCode, null);
            await copied.WaitAsync(LastWords);
        }
        catch (Exception exception) when (exception is TimeoutException or Win32Exception or InvalidOperationException)
        {
            // A descendant holds a stream, or the system does not say how the process ended. That it ended is told in any case.
        }

        lock (_lock)
        {
            _isCollected = true;
            process.Dispose();
        }

        child.OnExited(status);
    }

    private bool IfPresent(Action action)
    {
        lock (_lock)
        {
            if (_isCollected || process.HasExited)
            {
                return false;
            }

            try
            {
                action();
                return true;
            }
            catch (Exception exception) when (exception is AggregateException or Win32Exception)
            {
                var reason = exception is AggregateException { InnerExceptions: [var first, ..] } ? first : exception;
                throw new IOException($"Not all of {options.FileName} (process {process.Id}) could be ended: {reason.Message}", exception);
            }
        }
    }
}
