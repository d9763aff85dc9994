using Starling.Supervisor.Configuration;
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
    private readonly CancellationToken _ended;
    private readonly FileWatcher? _watcher;
    private readonly WatchBrake? _brake;
    private int _isChanging;

    public GroupChecks(WorkerGroup group, WorkerServices services)
    {
        (_group, _services, _ended) = (group, services, _end.Token);
        var config = group.Config;
        if (config.Watch.Count > 0)
        {
            _brake = new WatchBrake(services.Time);
            _watcher = new FileWatcher(config, services.Time, OnChanged);
        }

        if (config.CronRestart is { } times)
        {
            KeepTimesAsync(CronSchedule.Parse(times)).Observe(services.Log, "The times of cron_restart");
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
        var end = _ended;
        var time = _services.Time;
        try
        {
            while (schedule.Next(time.GetUtcNow(), time.LocalTimeZone) is { } next)
            {
                while (next - time.GetUtcNow() is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait < LongestWait ? wait : LongestWait, time, end);
                }

                await RestartAsync("it is time (cron_restart)", IsDue);
            }
        }
        catch (OperationCanceledException)
        {
            // The application is gone, or has other times now.
        }
    }

    /// <summary>
    /// A run that is over is due again at its time, whether it was to be started again by itself or not. One that is still under way is left to finish where overlaps
    /// are skipped. What was stopped by request stays stopped.
    /// </summary>
    private bool IsDue(Worker worker) => worker.Status switch
    {
        WorkerStatus.Stopped => worker.Reason is not null,
        WorkerStatus.Draining => false,
        WorkerStatus.Errored or WorkerStatus.WaitingRestart => true,
        _ => _group.Config.CronOverlap == CronOverlap.Restart,
    };

    /// <summary>Changes that come while one is seen to are seen to together with it, or by the next restart.</summary>
    private void OnChanged(FileChange change)
    {
        if (Interlocked.Exchange(ref _isChanging, 1) == 0)
        {
            RestartForAsync(change).Observe(_services.Log, "A restart because of changed files");
        }
    }

    private async Task RestartForAsync(FileChange change)
    {
        try
        {
            var wait = _brake!.Next();
            if (wait > TimeSpan.Zero)
            {
                _services.Log.WatchBraked(_group.Config.Name, wait.TotalSeconds);
                await Task.Delay(wait, _services.Time, _ended);
            }
        }
        finally
        {
            Volatile.Write(ref _isChanging, 0);
        }

        await RestartAsync(change.ToString(), static worker => worker.Status is not (WorkerStatus.Stopped or WorkerStatus.Draining));
    }

    /// <summary>Restarts those of the workers that are to be; they are replaced without a gap where that is possible.</summary>
    private async Task RestartAsync(string reason, Func<Worker, bool> isWanted)
    {
        try
        {
            Worker[] wanted = [.. _group.Workers.Where(isWanted)];
            if (wanted.Length > 0)
            {
                _services.Log.GroupRestarted(_group.Config.Name, reason);
                await _group.ReloadAsync(wanted, _ended);
            }
        }
        catch (Exception exception) when (!_ended.IsCancellationRequested)
        {
            // The next time, or the next change, comes in any case.
            _services.Log.CheckFailed(_group.Config.Name, exception.Message);
        }
    }
}
