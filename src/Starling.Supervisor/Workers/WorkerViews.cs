using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;

namespace Starling.Supervisor.Workers;

/// <summary>Workers as they are shown.</summary>
internal static class WorkerViews
{
    public static WorkerInfo Info(Worker worker)
    {
        var config = worker.Group.Config;
        var process = worker.IsRunning ? worker.Process : null;
        return new WorkerInfo
        {
            Id = worker.Id,
            Name = config.Name,
            Namespace = config.Namespace,
            Instance = worker.Instance,
            Mode = config.ExecMode,
            Status = worker.Status,
            Reason = worker.Reason,
            Pid = process?.Id,
            StartedAt = process?.Record.StartedAt,
            Restarts = worker.Restarts,
            UnstableRestarts = worker.UnstableRestarts,
            Cpu = process is null ? 0 : worker.Cpu,
            Memory = process is null ? 0 : worker.Memory,
            User = config.User,
            IsWatched = config.Watch.Count > 0,
            LastExit = worker.LastExit?.ToString(),
            Addresses = worker.Group.Addresses,
        };
    }

    public static WorkerDetails Details(Worker worker, SupervisorFolder folder)
    {
        var record = worker.Group.Record;
        return new WorkerDetails(
            Info(worker),
            record.Config,
            WorkerEnvironment.Of(record.Config, record.Environment, record.EnvironmentName, worker.Instance, worker.Id),
            LogPaths.Of(record.Config, worker.Id, folder.Logs));
    }
}
