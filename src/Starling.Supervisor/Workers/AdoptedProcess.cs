using Microsoft.Extensions.Logging;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>
/// A process that a former supervisor started. How it ends is told by the keeper, which becomes the parent of orphans; where there is none, the end is
/// seen by looking, and how it came is unknown.
/// </summary>
internal sealed class AdoptedProcess : ISystemProcess
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _startTicks;

    public AdoptedProcess(int id, long startTicks, TimeProvider time, ILogger log)
    {
        Id = id;
        _startTicks = startTicks;
        LookAsync(time).Observe(log, "The look at an adopted process");
    }

    public int Id { get; }

    public Task<ExitStatus> Exited => _exited.Task;

    public void OnExited(ExitStatus status) => _exited.TrySetResult(status);

    public bool Signal(int signal) => !Exited.IsCompleted && IsAlive() && Libc.kill(Id, signal) == 0;

    private async Task LookAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(LookInterval, time);
        while (IsAlive() && !Exited.IsCompleted)
        {
            await timer.WaitForNextTickAsync();
        }

        // The keeper, if there is one, is about to say how it ended.
        await Task.WhenAny(Exited, Task.Delay(LookInterval, time));
        _exited.TrySetResult(ExitStatus.Unknown);
    }

    /// <summary>An id is given to another process some time; when a process started tells the two apart.</summary>
    private bool IsAlive() => ProcessTree.StartTicks(Id) == _startTicks;
}
