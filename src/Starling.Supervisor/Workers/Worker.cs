using System.Text.Json;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Health;
using Starling.Supervisor.Spawning;
using Starling.Supervisor.State;

namespace Starling.Supervisor.Workers;

/// <summary>
/// A place in an application's row of processes, with a number that commands use. One process at a time stands in it, two for a moment while it is replaced.
/// Owner: <see cref="WorkerGroup"/>. Changes happen one at a time (<c>_turn</c>); readers see the newest whole state without waiting.
/// </summary>
internal sealed class Worker
{
    private readonly WorkerGroup _group;
    private readonly WorkerServices _services;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private RestartPolicy _policy;
    private WorkerProcess? _process;
    private readonly CpuMeter _cpu;
    private CancellationTokenSource? _pendingRestart;

    public Worker(WorkerGroup group, WorkerServices services, int id, int instance)
    {
        (_group, _services, Id, Instance) = (group, services, id, instance);
        _policy = new RestartPolicy(group.Config);
        _cpu = new CpuMeter(services.Time);
    }

    /// <summary>Number of the worker among all, by which commands find it.</summary>
    public int Id { get; }

    /// <summary>Number of the worker within its application, from 0.</summary>
    public int Instance { get; }

    public WorkerGroup Group => _group;

    public WorkerStatus Status { get; private set; }

    /// <summary>Why it is as it is, where that is not plain.</summary>
    public string? Reason { get; private set; }

    /// <summary>How often it was started again, by whatever cause.</summary>
    public int Restarts { get; set; }

    public int UnstableRestarts => _policy.UnstableRestarts;

    public ExitStatus? LastExit { get; private set; }

    public WorkerProcess? Process => _process;

    /// <summary>Resident memory of its process in bytes, as last looked at.</summary>
    public long Memory { get; private set; }

    /// <summary>Share of one core that its process used lately, in percent.</summary>
    public double Cpu { get; private set; }

    public bool IsRunning => _process is { Ended.IsCompleted: false };

    /// <summary>Starts it unless it runs. Done when it is online.</summary>
    /// <returns>Whether it is online.</returns>
    public async Task<bool> StartAsync(CancellationToken cancellationToken)
    {
        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        if (IsRunning)
        {
            return true;
        }

        _policy = new RestartPolicy(_group.Config);
        return await LaunchAsync(cancellationToken);
    }

    /// <summary>Stops it, with all that it started.</summary>
    public async Task<DrainReport?> StopAsync()
    {
        CancelPendingRestart();
        using var turn = await Turn.EnterAsync(_turn, CancellationToken.None);
        CancelPendingRestart();
        var report = await StopProcessAsync();
        SetStatus(WorkerStatus.Stopped, null);
        return report;
    }

    /// <summary>Stops it and starts it again.</summary>
    /// <returns>Whether it is online, and how its old process ended, if there was one.</returns>
    public async Task<(bool IsOnline, DrainReport? Drain)> RestartAsync(string reason, CancellationToken cancellationToken)
    {
        CancelPendingRestart();
        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        CancelPendingRestart();
        var drain = await StopProcessAsync();
        Restarts++;
        _services.Log.WorkerRestarted(_group.Config.Name, Id, reason);
        _policy = new RestartPolicy(_group.Config);
        return (await LaunchAsync(cancellationToken), drain);
    }

    /// <summary>
    /// Starts a new process beside the one that runs. Once it is ready it takes the place of the old one; if it does not become ready it is ended, and the old
    /// one stays.
    /// </summary>
    /// <returns>The old process, which has still to be stopped; null when there was none.</returns>
    /// <exception cref="ReplacementException">The new process did not become ready.</exception>
    public async Task<WorkerProcess?> ReplaceAsync(CancellationToken cancellationToken)
    {
        CancelPendingRestart();
        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        CancelPendingRestart();
        WorkerProcess next;
        try
        {
            next = await _services.Launcher.LaunchAsync(_group.StartOf(this), cancellationToken);
        }
        catch (SpawnException exception)
        {
            throw new ReplacementException(exception.Message, exception);
        }

        _services.Events.Publish(_group.Config, this, SupervisorEventKind.Fork, next.Id);
        if (await WaitReadyAsync(next, isStrict: _group.Config.WaitReady, cancellationToken) is { } failure)
        {
            await next.KillAsync();
            throw new ReplacementException($"the process that ran before goes on, since {failure}");
        }

        var old = IsRunning ? _process : null;
        if (old is not null)
        {
            old.IsReplaced = true;
        }

        Restarts++;
        _process = next;
        _policy = new RestartPolicy(_group.Config);
        SetOnline(next);
        _ = WatchAsync(next);
        return old;
    }

    /// <summary>Counts restarts from 0 again.</summary>
    public void ResetRestarts()
    {
        Restarts = 0;
        _policy = new RestartPolicy(_group.Config);
    }

    /// <summary>Takes down what its process uses; called by the monitor only.</summary>
    public void OnUsage(ProcessUsage usage) => (Memory, Cpu) = (usage.ResidentBytes, Math.Round(_cpu.Percent(usage), 1));

    public bool Signal(int signal) => _process is { } process && process.Signal(signal);

    public Task SendAsync(JsonElement message, CancellationToken cancellationToken) =>
        _process is { IsConnected: true } process
            ? process.SendAsync(message, cancellationToken)
            : throw new SupervisorException($"{_group.Config.Name} ({Id}) has no open channel: it does not run, or closed it.");

    /// <summary>Goes on with a process that a former supervisor started.</summary>
    public void Adopt(WorkerProcess process)
    {
        _process = process;
        process.SetReady();
        SetOnline(process);
        _ = WatchAsync(process);
    }

    /// <summary>Puts back a worker of a former supervisor, without its process.</summary>
    public static Worker Restore(WorkerGroup group, WorkerServices services, WorkerState state) => new(group, services, state.Id, state.Instance)
    {
        Status = state.Status,
        Reason = state.Reason,
        Restarts = state.Restarts,
    };

    /// <summary>What the next supervisor has to know.</summary>
    public WorkerState ToState() => new(Id, Instance, Status, Reason, Restarts, IsRunning ? _process?.Record : null);

    private async Task<bool> LaunchAsync(CancellationToken cancellationToken)
    {
        SetStatus(WorkerStatus.Starting, null);
        WorkerProcess process;
        try
        {
            process = await _services.Launcher.LaunchAsync(_group.StartOf(this), cancellationToken);
        }
        catch (SpawnException exception)
        {
            _services.Log.WorkerNotStarted(_group.Config.Name, Id, exception.Message);
            SetStatus(WorkerStatus.Errored, exception.Message);
            return false;
        }

        _process = process;
        _services.Events.Publish(_group.Config, this, SupervisorEventKind.Fork, process.Id);
        _ = WatchAsync(process);
        if (await WaitReadyAsync(process, isStrict: false, cancellationToken) is { } failure)
        {
            Reason = failure;
            return false;
        }

        SetOnline(process);
        return true;
    }

    /// <summary>Waits until the process is ready in the way that its application asks for.</summary>
    /// <param name="process">The process.</param>
    /// <param name="isStrict">Whether one that says nothing in time counts as failed, rather than as one that has nothing to say.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when it is ready, or else why not.</returns>
    private async Task<string?> WaitReadyAsync(WorkerProcess process, bool isStrict, CancellationToken cancellationToken)
    {
        var config = _group.Config;
        if (config.WaitReady || config.ExecMode == ExecMode.Cluster || config.Listen.Count > 0)
        {
            try
            {
                await Task.WhenAny(process.Ready, process.Ended).WaitAsync(config.ListenTimeout, _services.Time, cancellationToken);
            }
            catch (TimeoutException) when (isStrict)
            {
                return $"the process did not say that it is ready within {config.ListenTimeout.TotalSeconds:0.###} s (listen_timeout){LastWords(process)}";
            }
            catch (TimeoutException)
            {
                if (config.WaitReady)
                {
                    _services.Log.WorkerSaysNothing(config.Name, Id, config.ListenTimeout.TotalSeconds);
                }
            }
        }

        return process.Ended.IsCompleted ? $"the process ended at once ({await process.Ended}){LastWords(process)}" : null;
    }

    private async Task<DrainReport?> StopProcessAsync()
    {
        if (_process is not { Ended.IsCompleted: false } process)
        {
            _process = null;
            return null;
        }

        SetStatus(WorkerStatus.Draining, null);
        var report = await process.StopAsync(_group.Config);
        _process = null;
        return report;
    }

    private async Task WatchAsync(WorkerProcess process)
    {
        var status = await process.Ended;
        LastExit = status;
        _services.Events.Publish(_group.Config, this, SupervisorEventKind.Exit, process.Id, status.ToString());
        if (process.IsStopping || process.IsReplaced)
        {
            return;
        }

        using var turn = await Turn.EnterAsync(_turn, CancellationToken.None);
        if (_process != process)
        {
            return;
        }

        if (_group.Config.TreeKill)
        {
            await process.KillRestAsync();
        }

        _process = null;
        _services.Log.WorkerEnded(_group.Config.Name, Id, process.Id, status);
        var uptime = _services.Time.GetUtcNow() - process.Record.StartedAt;
        var decision = _policy.Exited(status.Code, status.Signal is { } signal ? Signals.Name(signal) : status.Code is null ? "an unknown cause" : null, uptime);
        var reason = decision.Reason + (status.IsSuccess ? "" : LastWords(process));
        switch (decision.Action)
        {
            case RestartAction.Restart:
                SetStatus(WorkerStatus.WaitingRestart, reason);
                _pendingRestart = new CancellationTokenSource();
                _ = RestartLaterAsync(decision.Delay, _pendingRestart.Token);
                break;
            case RestartAction.Stopped:
                SetStatus(WorkerStatus.Stopped, reason);
                break;
            default:
                _services.Log.WorkerGivenUp(_group.Config.Name, Id, reason);
                SetStatus(WorkerStatus.Errored, reason);
                break;
        }
    }

    private async Task RestartLaterAsync(TimeSpan delay, CancellationToken cancelled)
    {
        try
        {
            await Task.Delay(delay, _services.Time, cancelled);
            using var turn = await Turn.EnterAsync(_turn, cancelled);
            cancelled.ThrowIfCancellationRequested();
            _pendingRestart = null;
            Restarts++;
            await LaunchAsync(CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // Somebody started or stopped it meanwhile.
        }
    }

    private static string LastWords(WorkerProcess process) => process.LastError is { } words ? $": {words}" : "";

    private void SetOnline(WorkerProcess process)
    {
        SetStatus(WorkerStatus.Online, null);
        _services.Events.Publish(_group.Config, this, SupervisorEventKind.Online, process.Id);
        if (_group.ProbeOf(this) is { } probe)
        {
            _ = ProbeAsync(probe, process);
        }
    }

    private async Task ProbeAsync(LivenessProbe probe, WorkerProcess process)
    {
        using var end = new CancellationTokenSource();
        _ = process.Ended.ContinueWith(_ => end.Cancel(), TaskScheduler.Default);
        await probe.RunAsync(
            async reason =>
            {
                if (_process == process && Status == WorkerStatus.Online)
                {
                    await RestartAsync(reason, CancellationToken.None);
                }
            },
            end.Token);
    }

    private void CancelPendingRestart()
    {
        _pendingRestart?.Cancel();
        _pendingRestart = null;
    }

    private void SetStatus(WorkerStatus status, string? reason)
    {
        (Status, Reason) = (status, reason);
        _services.OnChanged();
    }
}
