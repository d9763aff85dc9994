using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Starling.Supervisor.Diagnostics;
using Starling.Supervisor.Keeping;
using Starling.Supervisor.Logs;
using Starling.Supervisor.Rolling;
using Starling.Supervisor.Routing;
using Starling.Supervisor.Sockets;
using Starling.Supervisor.Spawning;
using Starling.Supervisor.State;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor;

/// <summary>
/// A supervisor within this process. Disposing it stops all workers. A daemon's supervisor, which has a keeper, leaves them running when the process dies, and the
/// next one adopts them. Safe for use by several threads.
/// </summary>
public sealed class LocalSupervisor : ISupervisor, IAsyncDisposable
{
    private readonly SupervisorOptions _options;
    private readonly WorkerServices _services;
    private readonly SharedSockets _sockets;
    private readonly GroupTable _groups = new();
    private readonly StateFile _state;
    private readonly UsageMonitor _monitor;
    private readonly SupervisorMetrics _metrics;
    private readonly Departure? _departure;
    private readonly AppStarter _starter;
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DateTimeOffset _startedAt;
    private int _nextId;

    private LocalSupervisor(SupervisorOptions options, IDescriptorStore store)
    {
        options.Check();
        _options = options;
        Folder = new SupervisorFolder(options.Folder);
        _startedAt = options.Time.GetUtcNow();
        var log = options.LoggerFactory.CreateLogger<LocalSupervisor>();
        _state = new StateFile(Folder.StateFile, ReadState, store, log);
        _sockets = new SharedSockets(store);
        var places = new WorkerPlaces(Folder);
        _services = new WorkerServices
        {
            Launcher = new WorkerLauncher(store, Folder, places, options.Time),
            Events = new SupervisorEvents(options.Time),
            Router = new MessageRouter(_groups, log),
            Logs = new LogStore(options.Time),
            Folder = Folder,
            Places = places,
            Time = options.Time,
            Log = log,
            OnChanged = _state.OnChanged,
        };
        _starter = new AppStarter(_groups, _services, _sockets, options, NextId);
        _monitor = new UsageMonitor(_groups, _services, options.MonitorInterval);
        _metrics = new SupervisorMetrics(_groups, options.MeterFactory);
        _departure = store is NoDescriptorStore ? null : new Departure(_groups, _monitor, _state);
    }

    /// <summary>Its folder.</summary>
    public SupervisorFolder Folder { get; }

    /// <summary>Completes when it was told, by <see cref="KillAsync"/>, to end.</summary>
    public Task Killed => _killed.Task;

    /// <summary>Starts a supervisor that ends with this process.</summary>
    /// <exception cref="SupervisorException">This is Windows, which has no supervisor; <see cref="ProcessRun"/> and <see cref="ProcessSpawner"/> work there.</exception>
    public static Task<LocalSupervisor> StartAsync(SupervisorOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync(options ?? new SupervisorOptions(), new NoDescriptorStore(), new Dictionary<string, SafeFileHandle>(), null, null, cancellationToken);

    /// <inheritdoc/>
    public Task<SupervisorInfo> GetInfoAsync(CancellationToken cancellationToken) => Task.FromResult(new SupervisorInfo(
        SupervisorInfo.CurrentVersion, Environment.ProcessId, Folder.Path, _startedAt));

    /// <inheritdoc/>
    public Task AnnounceAsync(int pid, CancellationToken cancellationToken) => Task.Run(() => _services.Callers.Add(pid), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkerInfo>> StartAsync(IReadOnlyList<WorkerGroupRecord> apps, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(apps);
        var touched = new List<WorkerGroup>();
        foreach (var record in StartOrder.Of(apps, _groups))
        {
            touched.Add(await _starter.StartAsync(record, cancellationToken));
        }

        await _state.WriteAsync();
        return [.. touched.SelectMany(group => group.Workers).Select(WorkerViews.Info)];
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkerInfo>> ResumeAsync(string target, CancellationToken cancellationToken) =>
        ForEachAsync(target, (group, workers) => workers.Count == 0 || workers.Count == group.Workers.Count
            ? group.StartAsync(cancellationToken)
            : group.ResumeAsync(workers, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkerInfo>> StopAsync(string target, CancellationToken cancellationToken) =>
        ForEachAsync(target, (group, workers) => group.StopAsync(workers));

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkerInfo>> RestartAsync(string target, EnvironmentUpdate? update, CancellationToken cancellationToken) =>
        ForEachAsync(target, async (group, workers) =>
        {
            await UpdateAsync(group, update, cancellationToken);
            await group.RestartAsync(workers, "asked for", cancellationToken);
        });

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReloadReport>> ReloadAsync(string target, EnvironmentUpdate? update, CancellationToken cancellationToken)
    {
        var reports = await Task.WhenAll(_groups.Resolve(target).Select(async item =>
        {
            await UpdateAsync(item.Group, update, cancellationToken);
            return await item.Group.ReloadAsync(item.Workers, cancellationToken);
        }));
        await _state.WriteAsync();
        return reports;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReloadReport>> ReloadAppsAsync(IReadOnlyList<WorkerGroupRecord> apps, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(apps);
        var reports = new List<ReloadReport>();
        foreach (var record in StartOrder.Of(apps, _groups))
        {
            reports.Add(await _starter.ReloadAsync(record, cancellationToken));
        }

        await _state.WriteAsync();
        return reports;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkerInfo>> ResetAsync(string target, CancellationToken cancellationToken) => ForEachAsync(target, (_, workers) =>
    {
        foreach (var worker in workers)
        {
            worker.ResetRestarts();
        }

        return Task.CompletedTask;
    });

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkerInfo>> ScaleAsync(string app, string count, CancellationToken cancellationToken)
    {
        var group = _groups.Find(app);
        await group.ScaleAsync(ScaleCount.Apply(count, group.Count), cancellationToken);
        await _state.WriteAsync();
        return [.. group.Workers.Select(WorkerViews.Info)];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkerInfo>> DeleteAsync(string target, CancellationToken cancellationToken)
    {
        var items = _groups.Resolve(target);
        await Task.WhenAll(items.Select(async item =>
        {
            if (item.Workers.Count < item.Group.Workers.Count)
            {
                await item.Group.RemoveAsync(item.Workers);
                return;
            }

            _groups.Remove(item.Group);
            await item.Group.CloseAsync();
        }));
        _services.OnChanged();
        await _state.WriteAsync();
        return [.. items.SelectMany(item => item.Workers).Select(WorkerViews.Info)];
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkerInfo>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WorkerInfo>>([.. _groups.All.SelectMany(group => group.Workers).OrderBy(worker => worker.Id).Select(WorkerViews.Info)]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkerDetails>> DescribeAsync(string target, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WorkerDetails>>([.. _groups.Resolve(target).SelectMany(item => item.Workers).Select(worker => WorkerViews.Details(worker, Folder))]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LogLine>> TailAsync(string target, int lines, CancellationToken cancellationToken) =>
        LogViews.TailAsync(_groups.Resolve(target).SelectMany(item => item.Workers), Folder, _services.Logs, lines);

    /// <inheritdoc/>
    public IAsyncEnumerable<LogLine> FollowAsync(string target, CancellationToken cancellationToken)
    {
        if (target == GroupTable.Everything)
        {
            return LogViews.FollowAsync(_services.Logs, _ => true, cancellationToken);
        }

        var wanted = _groups.Resolve(target).SelectMany(item => item.Workers).Select(worker => (worker.Group.Config.Name, worker.Instance)).ToHashSet();
        return LogViews.FollowAsync(_services.Logs, line => wanted.Contains((line.App, line.Instance)), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task FlushAsync(string target, CancellationToken cancellationToken)
    {
        foreach (var worker in _groups.Resolve(target).SelectMany(item => item.Workers))
        {
            await using var log = _services.Logs.Open(worker.Group.Config, worker.Instance, worker.Id, Folder.Logs);
            await log.EmptyAsync();
        }
    }

    /// <inheritdoc/>
    public Task ReopenLogsAsync(CancellationToken cancellationToken) => _services.Logs.ReopenAsync();

    /// <inheritdoc/>
    public async Task<int> SendAsync(string target, JsonElement message, CancellationToken cancellationToken)
    {
        var workers = Running(target);
        foreach (var worker in workers)
        {
            await worker.SendAsync(message, cancellationToken);
        }

        return workers.Length;
    }

    /// <inheritdoc/>
    public Task<int> SignalAsync(string target, string signal, CancellationToken cancellationToken)
    {
        try
        {
            var number = Signals.Parse(signal);
            return Task.FromResult(Running(target).Count(worker => worker.Signal(number)));
        }
        catch (ArgumentException exception)
        {
            throw new SupervisorException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<SupervisorEvent> ListenAsync(CancellationToken cancellationToken) => _services.Events.ListenAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<string> SaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StateFile.WriteAsync(Folder.SavedFile, ReadState());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SupervisorException($"{Folder.SavedFile} cannot be written: {exception.Message} What was saved before is still there. Free space, or correct the permissions of the folder.", exception);
        }

        return Folder.SavedFile;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkerInfo>> ResurrectAsync(CancellationToken cancellationToken)
    {
        SupervisorState? saved;
        try
        {
            saved = await StateFile.ReadAsync(Folder.SavedFile);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new SupervisorException($"{Folder.SavedFile} cannot be read: {exception.Message} Delete it and save again.", exception);
        }

        if (saved is null)
        {
            throw new SupervisorException($"Nothing was saved: there is no {Folder.SavedFile}. Save what runs first.");
        }

        var missing = saved.Groups.Where(group => _groups.TryFind(group.Record.Config.Name) is null).ToArray();
        var started = await StartAsync([.. missing.Select(group => group.Record)], cancellationToken);
        foreach (var stopped in missing.SelectMany(group => group.Workers.Where(worker => worker.Status == WorkerStatus.Stopped).Select(worker => (group.Record.Config.Name, worker.Instance))))
        {
            var group = _groups.Find(stopped.Name);
            await group.StopAsync([.. group.Workers.Where(worker => worker.Instance == stopped.Instance)]);
        }

        return started;
    }

    /// <inheritdoc/>
    public Task UpdateAsync(CancellationToken cancellationToken) => _departure?.PrepareAsync(cancellationToken)
        ?? throw new SupervisorException("This supervisor is part of a program that nobody would start again: start that program anew instead.");

    /// <inheritdoc/>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        await StopAllAsync();
        _killed.TrySetResult();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_departure?.Prepared.IsCompleted == true && !_killed.Task.IsCompleted)
        {
            await _departure.LeaveAsync();
        }
        else
        {
            await StopAllAsync();
        }

        _metrics.Dispose();
        _state.End();
        await _services.Logs.DisposeAsync();
    }

    /// <summary>Completes when this supervisor is to end without its processes; never for one that is no daemon.</summary>
    internal Task Leaving => _departure?.Prepared ?? Task.Delay(Timeout.Infinite);

    internal static async Task<LocalSupervisor> StartAsync(
        SupervisorOptions options, IDescriptorStore store, IDictionary<string, SafeFileHandle> kept, ExitNews? exits, string? note, CancellationToken cancellationToken)
    {
        SupportedSystem.Require();
        var supervisor = new LocalSupervisor(options, store);
        await new Adoption(supervisor._services, supervisor._sockets, supervisor._groups, store, supervisor.NextId, note)
            .RunAsync(kept, exits ?? new ExitNews(), next => supervisor._nextId = next, cancellationToken);
        supervisor._monitor.Start();
        supervisor._services.OnChanged();
        await supervisor._state.WriteAsync();
        return supervisor;
    }

    private static async Task UpdateAsync(WorkerGroup group, EnvironmentUpdate? update, CancellationToken cancellationToken)
    {
        if (update is not null)
        {
            await group.ConfigureAsync(group.Record with { Environment = update.Environment, EnvironmentName = update.EnvironmentName ?? group.Record.EnvironmentName }, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<WorkerInfo>> ForEachAsync(string target, Func<WorkerGroup, IReadOnlyList<Worker>, Task> action)
    {
        var items = _groups.Resolve(target);
        await Task.WhenAll(items.Select(item => action(item.Group, item.Workers)));
        await _state.WriteAsync();
        return [.. items.SelectMany(item => item.Workers).Select(WorkerViews.Info)];
    }

    private Worker[] Running(string target)
    {
        Worker[] running = [.. _groups.Resolve(target).SelectMany(item => item.Workers).Where(worker => worker.IsRunning)];
        return running.Length > 0 ? running : throw new SupervisorException($"Nothing of '{target}' runs.");
    }

    private async Task StopAllAsync()
    {
        await _monitor.StopAsync();
        await Task.WhenAll(_groups.All.Select(async group =>
        {
            await group.CloseAsync();
            _groups.Remove(group);
        }));
        _services.Places.Remove();
        _services.OnChanged();
        await _state.WriteAsync();
    }

    private int NextId() => Interlocked.Increment(ref _nextId) - 1;

    private SupervisorState ReadState() => new(
        _services.Launcher.LastNumber,
        Volatile.Read(ref _nextId),
        [.. _groups.All.Select(group => new GroupState(group.Record, [.. group.Workers.Select(worker => worker.ToState())]))],
        _services.Callers.Numbers);
}
