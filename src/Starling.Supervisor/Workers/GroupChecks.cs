using Starling.Supervisor.Health;

namespace Starling.Supervisor.Workers;

/// <summary>
/// What restarts an application without anybody asking: the times of its <c>cron_restart</c>, and changes of the files that it watches. Owned by the application's
/// group, which makes another one when the configuration changes.
/// </summary>
internal sealed class GroupChecks : IDisposable
{
    /// <summary>Timers hold at most some weeks; a far date is waited for in parts.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly WorkerGroup _group;
    private readonly WorkerServices _services;
    private readonly CancellationTokenSource _end = new();
    private readonly FileWatcher? _watcher;

    public GroupChecks(WorkerGroup group, WorkerServices services)
    {
        (_group, _services) = (group, services);
        var config = group.Config;
        if (config.Watch.Count > 0)
        {
            _watcher = new FileWatcher(config, services.Time, change => _ = RestartAsync(change.ToString()));
        }

        if (config.CronRestart is { } times)
        {
            _ = KeepTimesAsync(CronSchedule.Parse(times));
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _watcher?.Dispose();
        _end.Dispose();
    }

    private async Task KeepTimesAsync(CronSchedule schedule)
    {
        var end = _end.Token;
        var time = _services.Time;
        try
        {
            while (schedule.Next(time.GetUtcNow(), time.LocalTimeZone) is { } next)
            {
                while (next - time.GetUtcNow() is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait < LongestWait ? wait : LongestWait, time, end);
                }

                await RestartAsync("it is time (cron_restart)");
            }
        }
        catch (OperationCanceledException)
        {
            // The application is gone, or has other times now.
        }
    }

    /// <summary>Processes that stopped for a reason stay stopped; the others are replaced without a gap where that is possible.</summary>
    private async Task RestartAsync(string reason)
    {
        try
        {
            Worker[] running = [.. _group.Workers.Where(worker => worker.Status is not (WorkerStatus.Stopped or WorkerStatus.Draining))];
            _services.Log.GroupRestarted(_group.Config.Name, reason);
            await _group.ReloadAsync(running, _end.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SupervisorException)
        {
            _services.Log.CheckFailed(_group.Config.Name, exception.Message);
        }
    }
}
