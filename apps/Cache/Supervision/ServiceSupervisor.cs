using System.ComponentModel;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Diagnostics;

namespace Starling.Apps.Cache.Supervision;

/// <summary>Keeps one service running: what ends, or hangs, is started again, after pauses that grow as long as it keeps ending soon.</summary>
internal sealed class ServiceSupervisor : IAsyncDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<IServiceRun> _start;
    private readonly Func<CancellationToken, Task> _silence;
    private readonly Action _onEnded;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _running;
    private int _restarts;

    /// <param name="name">Name of the service.</param>
    /// <param name="role">What it does.</param>
    /// <param name="start">Starts it.</param>
    /// <param name="silence">Returns when a run that goes on has not been heard of for too long.</param>
    /// <param name="onEnded">Told when a run has ended, before the next.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    public ServiceSupervisor(
        string name, string role, Func<IServiceRun> start, Func<CancellationToken, Task> silence, Action onEnded, TimeProvider time, ILogger logger)
    {
        (Name, Role, _start, _silence, _onEnded, _time, _logger) = (name, role, start, silence, onEnded, time, logger);
        _running = RunAsync();
    }

    public string Name { get; }

    public string Role { get; }

    /// <summary>The run, or null between two.</summary>
    public IServiceRun? Current { get; private set; }

    public int Restarts => Volatile.Read(ref _restarts);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        for (var delay = FirstDelay; ; delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, LongestDelay.Ticks)))
        {
            var started = _time.GetTimestamp();
            var reason = await RunOnceAsync();
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            delay = _time.GetElapsedTime(started) > Steady ? FirstDelay : delay;
            CacheLog.Ended(_logger, Name, reason, delay);
            await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Increment(ref _restarts);
        }
    }

    /// <returns>Why it ended.</returns>
    private async Task<string> RunOnceAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return "";
        }

        try
        {
            await using var run = Current = _start();
            using var watching = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            await Task.WhenAny(run.Ended, _silence(watching.Token));
            await watching.CancelAsync();
            if (run.Ended.IsCompleted || _stopping.IsCancellationRequested)
            {
                return run.Ended.IsCompleted ? await run.Ended : "";
            }

            await run.KillAsync();
            return "it gave no sign of life and was killed";
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            return e.Message;
        }
        finally
        {
            Current = null;
            _onEnded();
        }
    }
}
