using Starling.Supervisor.Configuration;
using Starling.Supervisor.Rolling;
using Starling.Supervisor.Sockets;

namespace Starling.Supervisor.Workers;

/// <summary>Starts applications, or gives those that are there another configuration. Owner: <see cref="LocalSupervisor"/>.</summary>
internal sealed class AppStarter(GroupTable groups, WorkerServices services, SharedSockets sockets, SupervisorOptions options, Func<int> nextId)
{
    /// <summary>Starts an application. One that is there gets the configuration and is restarted.</summary>
    public async Task<WorkerGroup> StartAsync(WorkerGroupRecord asked, CancellationToken cancellationToken)
    {
        var (record, group, isNew) = await PrepareAsync(asked, cancellationToken);
        if (isNew)
        {
            await StartNewAsync(group, cancellationToken);
            return group;
        }

        await group.ConfigureAsync(record, cancellationToken);
        var present = group.Workers.Take(record.Config.Instances).ToArray();
        await group.RestartAsync(present, "started again", cancellationToken);
        await group.ScaleAsync(record.Config.Instances, cancellationToken);
        return group;
    }

    /// <summary>Starts an application. One that is there gets the configuration and is reloaded; when that fails, the number of its processes stays.</summary>
    public async Task<ReloadReport> ReloadAsync(WorkerGroupRecord asked, CancellationToken cancellationToken)
    {
        var (record, group, isNew) = await PrepareAsync(asked, cancellationToken);
        if (isNew)
        {
            await StartNewAsync(group, cancellationToken);
            var failed = group.Workers.FirstOrDefault(worker => worker.Status == WorkerStatus.Errored);
            return new ReloadReport(
                record.Config.Name,
                [.. group.Workers.Select(worker => new ReloadedWorker(worker.Id, null, worker.Process?.Id, null, null, false, 0))],
                failed is null ? null : $"worker {failed.Id} did not come online: {failed.Reason}");
        }

        await group.ConfigureAsync(record, cancellationToken);
        var report = await group.ReloadAsync([.. group.Workers.Take(record.Config.Instances)], cancellationToken);
        if (report.Failure is null)
        {
            await group.ScaleAsync(record.Config.Instances, cancellationToken);
        }

        return report;
    }

    private async Task<(WorkerGroupRecord Record, WorkerGroup Group, bool IsNew)> PrepareAsync(WorkerGroupRecord asked, CancellationToken cancellationToken)
    {
        await WaitForDependenciesAsync(asked.Config, cancellationToken);
        var record = asked with { Config = Complete(asked) };
        var (group, isNew) = groups.GetOrAdd(record.Config.Name, () => new WorkerGroup(record, services, sockets, nextId));
        return (record, group, isNew);
    }

    private async Task StartNewAsync(WorkerGroup group, CancellationToken cancellationToken)
    {
        if (!group.Config.AutoStart)
        {
            await group.AddAsync(cancellationToken);
            return;
        }

        try
        {
            await group.StartAsync(cancellationToken);
        }
        catch
        {
            groups.Remove(group);
            await group.CloseAsync();
            throw;
        }
    }

    /// <summary>Programs are those of the person who starts the application, not those that the supervisor would find.</summary>
    private static AppConfig Complete(WorkerGroupRecord record)
    {
        try
        {
            return Interpreters.Complete(record.Config, record.Environment.GetValueOrDefault("PATH"));
        }
        catch (AppConfigException exception)
        {
            throw new SupervisorException($"{record.Config.Name}: {exception.Message}", exception);
        }
    }

    private async Task WaitForDependenciesAsync(AppConfig config, CancellationToken cancellationToken)
    {
        foreach (var name in config.DependsOn)
        {
            var needed = groups.TryFind(name) ?? throw new SupervisorException($"{config.Name} depends on {name}, which is not there. Start it as well.");
            try
            {
                await needed.WhenHealthyAsync(cancellationToken).WaitAsync(options.DependencyTimeout, options.Time, cancellationToken);
            }
            catch (TimeoutException exception)
            {
                throw new SupervisorException($"{config.Name} is not started, since {name}, which it depends on, is not online after {options.DependencyTimeout.TotalSeconds:0} s.", exception);
            }
        }
    }
}
