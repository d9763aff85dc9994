using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Rolling;

/// <summary>
/// Replaces the processes of an application, one after the other: start the new one, wait until it is ready, let the old one finish, stop it. Since both have
/// the listening socket, no connection is refused. When a new process does not become ready, the old one stays and the rest is left as it is.
/// Processes that cannot stand side by side are restarted. One object for each reload.
/// </summary>
internal sealed class RollingReload(WorkerGroup group, WorkerServices services)
{
    private readonly List<Task<ReloadedWorker>> _drains = [];

    public async Task<ReloadReport> RunAsync(IReadOnlyCollection<Worker> workers, CancellationToken cancellationToken)
    {
        string? failure = null;
        foreach (var worker in workers)
        {
            failure = CanStandSideBySide(group.Config)
                ? await ReplaceAsync(worker, cancellationToken)
                : await RestartAsync(worker, cancellationToken);
            if (failure is not null)
            {
                break;
            }
        }

        return new ReloadReport(group.Config.Name, await Task.WhenAll(_drains), failure);
    }

    /// <summary>A process that opens its own port, or holds something else alone, cannot start while the old one has it.</summary>
    private static bool CanStandSideBySide(AppConfig config) => !config.Exclusive && (config.Listen.Count > 0 || config.ExecMode == ExecMode.Cluster);

    private async Task<string?> ReplaceAsync(Worker worker, CancellationToken cancellationToken)
    {
        try
        {
            var old = await worker.ReplaceAsync(cancellationToken);
            _drains.Add(DrainAsync(worker, worker.Process?.Id, old));
            return null;
        }
        catch (ReplacementException exception)
        {
            services.Log.ReloadRolledBack(group.Config.Name, worker.Id, exception.Message);
            return exception.Message;
        }
    }

    /// <summary>The old process ends while the next worker is replaced already.</summary>
    private async Task<ReloadedWorker> DrainAsync(Worker worker, int? newPid, WorkerProcess? old) =>
        Report(worker, old?.Id, newPid, old is null ? null : await old.StopAsync(group.Config));

    private async Task<string?> RestartAsync(Worker worker, CancellationToken cancellationToken)
    {
        var oldPid = worker.Process?.Id;
        var (isOnline, drain) = await worker.RestartAsync("reload", cancellationToken);
        _drains.Add(Task.FromResult(Report(worker, oldPid, worker.Process?.Id, drain) with { WasRestarted = oldPid is not null }));
        return isOnline ? null : $"worker {worker.Id} did not come online: {worker.Reason}";
    }

    private ReloadedWorker Report(Worker worker, int? oldPid, int? newPid, DrainReport? drain)
    {
        if (oldPid is not { } old || drain is null)
        {
            return new ReloadedWorker(worker.Id, null, newPid, null, null, false, 0);
        }

        services.Log.WorkerDrained(group.Config.Name, worker.Id, old, drain.Duration.TotalSeconds, drain.Finished, drain.Cut, drain.WasKilled);
        return new ReloadedWorker(worker.Id, oldPid, newPid, drain.Finished, drain.Cut, drain.WasKilled, drain.Duration.TotalSeconds);
    }
}
