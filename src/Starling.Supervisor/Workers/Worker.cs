using System.Text.Json;
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
    /// <summary>Wait before another try, when the system lacked something that the start needs.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Shortest wait before another try, when the program could not be started: it may be about to be replaced by a new version.</summary>
    private static readonly TimeSpan MissingDelay = TimeSpan.FromMilliseconds(200);

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

    /// <summary>Ends the wait of a start that is under way, for a stop that comes meanwhile.</summary>
    public Abandonment Abandonment { get; } = new();

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
            next = await _services.Launcher.LaunchAsync(_group.StartOf(this));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            throw new ReplacementException(exception.Message, exception);
        }

        _services.Events.Publish(_group.Config, this, SupervisorEventKind.Fork, next.Id);
        string? failure;
        try
        {
            failure = await WaitReadyAsync(next, isStrict: _group.Config.WaitReady, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await next.KillAsync();
            throw;
        }

        if (failure is not null)
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
        Watch(next);
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
        Watch(process);
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

    private async Task<bool> LaunchAsync(CancellationToken cancellationToken, bool isAgain = false)
    {
        SetStatus(WorkerStatus.Starting, null);
        WorkerProcess process;
        try
        {
            process = await _services.Launcher.LaunchAsync(_group.StartOf(this));
        }
        catch (SpawnException exception) when (!exception.IsTemporary)
        {
            OnNotStarted(exception, isAgain);
            return false;
        }
        catch (Exception exception)
        {
            // A full disk, too many open files: not the fault of the program, which is tried again for as long as it takes.
            _services.Log.WorkerStartRetried(_group.Config.Name, Id, RetryDelay.TotalSeconds, exception.Message);
            RestartAfter(RetryDelay, exception.Message);
            return false;
        }

        _process = process;
        _services.Events.Publish(_group.Config, this, SupervisorEventKind.Fork, process.Id);
        Watch(process);
        try
        {
            return await ComeOnlineAsync(process, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The caller has left; the process goes on.
            ComeOnlineAsync(process, CancellationToken.None).Observe(_services.Log, "The start of a process");
            throw;
        }
    }

    private async Task<bool> ComeOnlineAsync(WorkerProcess process, CancellationToken cancellationToken)
    {
        if (await WaitReadyAsync(process, isStrict: false, cancellationToken) is { } failure)
        {
            Reason ??= failure;
            return false;
        }

        if (_process == process && Status == WorkerStatus.Starting)
        {
            SetOnline(process);
        }

        return true;
    }

    /// <summary>A program that cannot be started by request is given up at once; one that ran before gets the tries of a process that ends at once.</summary>
    private void OnNotStarted(SpawnException exception, bool isAgain)
    {
        var decision = isAgain ? _policy.Exited(null, null, TimeSpan.Zero) : null;
        if (decision?.Action == RestartAction.Restart)
        {
            RestartAfter(decision.Delay > MissingDelay ? decision.Delay : MissingDelay, exception.Message);
            return;
        }

        _services.Log.WorkerNotStarted(_group.Config.Name, Id, exception.Message);
        SetStatus(WorkerStatus.Errored, exception.Message);
    }

    private Task<string?> WaitReadyAsync(WorkerProcess process, bool isStrict, CancellationToken cancellationToken) =>
        new Readiness(_group.Config, Id, _services).WaitAsync(process, isStrict, Abandonment.Token, cancellationToken);

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

    private void Watch(WorkerProcess process) => WatchAsync(process).Observe(_services.Log, "The watch over a process");

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
            await process.KillTreeAsync();
        }

        _process = null;
        _services.Log.WorkerEnded(_group.Config.Name, Id, process.Id, status);
        var uptime = _services.Time.GetUtcNow() - process.Record.StartedAt;
        var decision = _policy.Exited(status.Code, status.Signal is { } signal ? Signals.Name(signal) : status.Code is null ? "an unknown cause" : null, uptime);
        var reason = decision.Reason + (status.IsSuccess ? "" : Readiness.LastWords(process));
        switch (decision.Action)
        {
            case RestartAction.Restart:
                RestartAfter(decision.Delay, reason);
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

    private void RestartAfter(TimeSpan delay, string? reason)
    {
        SetStatus(WorkerStatus.WaitingRestart, reason);
        _pendingRestart = new CancellationTokenSource();

        // Cancelled when it is started or stopped meanwhile.
        RestartLaterAsync(delay, _pendingRestart.Token).Observe(_services.Log, "A restart");
    }

    private async Task RestartLaterAsync(TimeSpan delay, CancellationToken cancelled)
    {
        await Task.Delay(delay, _services.Time, cancelled);
        using var turn = await Turn.EnterAsync(_turn, cancelled);
        cancelled.ThrowIfCancellationRequested();
        _pendingRestart = null;
        Restarts++;
        await LaunchAsync(CancellationToken.None, isAgain: true);
    }

    private void SetOnline(WorkerProcess process)
    {
        SetStatus(WorkerStatus.Online, null);
        _services.Events.Publish(_group.Config, this, SupervisorEventKind.Online, process.Id);
        if (_group.ProbeOf(this) is { } probe)
        {
            ProbeAsync(probe, process).Observe(_services.Log, "A liveness check");
        }
    }

    private async Task ProbeAsync(LivenessProbe probe, WorkerProcess process)
    {
        var end = new CancellationTokenSource();
        CancelAtEndAsync(process, end).Observe(_services.Log, "A liveness check");
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

    private static async Task CancelAtEndAsync(WorkerProcess process, CancellationTokenSource end)
    {
        await process.Ended;
        await end.CancelAsync();
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
