using System.Net.Sockets;
using System.Text.Json;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Health;
using Starling.Supervisor.Sockets;

namespace Starling.Supervisor.Workers;

/// <summary>
/// An application: its configuration, its sockets and its workers. Owner: <see cref="LocalSupervisor"/>; it outlives all its workers. What is asked of it is done
/// one thing after the other (<c>_turn</c>), so that two reloads cannot run into each other.
/// </summary>
internal sealed class WorkerGroup
{
    private static readonly TimeSpan HealthInterval = TimeSpan.FromMilliseconds(50);

    private readonly WorkerServices _services;
    private readonly SharedSockets _sockets;
    private readonly Func<int> _nextId;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ClusterListening _cluster;
    private List<SharedSocket> _held = [];
    private ConnectionDealer? _dealer;
    private GroupChecks _checks;

    public WorkerGroup(WorkerGroupRecord record, WorkerServices services, SharedSockets sockets, Func<int> nextId)
    {
        (Record, _services, _sockets, _nextId) = (record, services, sockets, nextId);
        _cluster = new ClusterListening(sockets, record.Config.Name, () => _held);
        _checks = new GroupChecks(this, services);
    }

    /// <summary>What it is and with what environment; replaced as a whole.</summary>
    public WorkerGroupRecord Record { get; private set; }

    public AppConfig Config => Record.Config;

    /// <summary>Its workers by instance; replaced as a whole when their number changes.</summary>
    public IReadOnlyList<Worker> Workers { get; private set; } = [];

    /// <summary>Addresses that it listens on, as they are (a port 0 has become one).</summary>
    public IReadOnlyList<string> Addresses => [.. _held.Concat(_cluster.Held).Select(socket => new ListenAddress(socket.EndPoint).ToString())];

    /// <summary>Whether all of its workers are online.</summary>
    public bool IsOnline => Workers.Count > 0 && Workers.All(worker => worker.Status == WorkerStatus.Online);

    /// <summary>Adds the workers that the configuration asks for, and starts those that do not run.</summary>
    /// <exception cref="SupervisorException">It cannot listen on one of its addresses.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        await ListenAsync(cancellationToken);

        // One that was scaled to none and is started by name runs once.
        Record = Record with { Config = Config with { Instances = Math.Max(1, Config.Instances) } };
        await ResizeAsync(Config.Instances);
        await Task.WhenAll(Workers.Select(worker => worker.StartAsync(cancellationToken)));
    }

    /// <summary>Adds the workers, without starting them.</summary>
    public async Task AddAsync(CancellationToken cancellationToken)
    {
        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        await ResizeAsync(Config.Instances);
    }

    /// <summary>Starts those of its workers that do not run.</summary>
    public async Task ResumeAsync(IReadOnlyCollection<Worker> workers, CancellationToken cancellationToken)
    {
        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        await ListenAsync(cancellationToken);
        await Task.WhenAll(workers.Select(worker => worker.StartAsync(cancellationToken)));
    }

    /// <summary>Stops some of its workers and forgets them.</summary>
    public async Task RemoveAsync(IReadOnlyCollection<Worker> workers)
    {
        using var turn = await EnterToStopAsync(workers, CancellationToken.None);
        await Task.WhenAll(workers.Select(worker => worker.StopAsync()));
        Workers = [.. Workers.Except(workers)];
    }

    /// <summary>Completes when all of its workers are online and, where they have a liveness check, pass it.</summary>
    public async Task WhenHealthyAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(HealthInterval, _services.Time);
        while (!IsOnline || !await IsAliveAsync(cancellationToken))
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>The liveness check of a worker; null when the application has none, or one that cannot be made.</summary>
    public LivenessProbe? ProbeOf(Worker worker)
    {
        try
        {
            return Config.Liveness is { } liveness ? new LivenessProbe(liveness, EnvironmentOf(worker), _services.Time) : null;
        }
        catch (AppConfigException exception)
        {
            _services.Log.CheckFailed(Config.Name, exception.Message);
            return null;
        }
    }

    public async Task StopAsync(IReadOnlyCollection<Worker> workers)
    {
        using var turn = await EnterToStopAsync(workers, CancellationToken.None);
        await Task.WhenAll(workers.Select(worker => worker.StopAsync()));
        if (Workers.All(worker => worker.Status is WorkerStatus.Stopped or WorkerStatus.Errored))
        {
            // Connections that nobody is going to accept are better refused.
            await StopListeningAsync();
        }
    }

    public async Task RestartAsync(IReadOnlyCollection<Worker> workers, string reason, CancellationToken cancellationToken)
    {
        using var turn = await EnterToStopAsync(workers, cancellationToken);
        await ListenAsync(cancellationToken);
        await Task.WhenAll(workers.Select(worker => worker.RestartAsync(reason, cancellationToken)));
    }

    /// <summary>Replaces the processes one after the other, so that there are never fewer than before; see <see cref="Rolling.RollingReload"/>.</summary>
    public async Task<Rolling.ReloadReport> ReloadAsync(IReadOnlyCollection<Worker> workers, CancellationToken cancellationToken)
    {
        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        await ListenAsync(cancellationToken);
        return await new Rolling.RollingReload(this, _services).RunAsync(workers, cancellationToken);
    }

    /// <summary>Number of workers that it was scaled to; the one that is left of none does not count.</summary>
    public int Count => Config.Instances == 0 ? 0 : Workers.Count;

    /// <summary>
    /// Changes the number of workers: new ones are started, those with the highest numbers are stopped. Of none, one stays in the list, stopped, so that the application
    /// is not forgotten.
    /// </summary>
    /// <exception cref="SupervisorException">The application is exclusive, and there would be more than one.</exception>
    public async Task ScaleAsync(int count, CancellationToken cancellationToken)
    {
        if (Config.Exclusive && count > 1)
        {
            throw new SupervisorException($"{Config.Name} cannot have {count} processes: its configuration says that no two can run at the same time (exclusive).");
        }

        using var turn = await EnterToStopAsync([.. Workers.Skip(count)], cancellationToken);
        var before = Config.Instances == 0 ? [] : Workers;
        Record = Record with { Config = Config with { Instances = count } };
        if (count == 0)
        {
            await ResizeAsync(1);
            await Task.WhenAll(Workers.Select(worker => worker.StopAsync()));
            await StopListeningAsync();
            return;
        }

        await ListenAsync(cancellationToken);
        await ResizeAsync(count);
        await Task.WhenAll(Workers.Except(before).Select(worker => worker.StartAsync(cancellationToken)));
    }

    /// <summary>Takes another configuration and environment; processes get them when they are started next.</summary>
    public async Task ConfigureAsync(WorkerGroupRecord record, CancellationToken cancellationToken)
    {
        using var turn = await Turn.EnterAsync(_turn, cancellationToken);
        Record = record;
        _checks.Dispose();
        _checks = new GroupChecks(this, _services);
    }

    /// <summary>Stops everything and closes the sockets.</summary>
    public async Task CloseAsync()
    {
        using var turn = await EnterToStopAsync(Workers, CancellationToken.None);
        _checks.Dispose();
        await ResizeAsync(0);
        await StopListeningAsync();
    }

    /// <summary>What the process of a worker is started with.</summary>
    public WorkerStart StartOf(Worker worker) => new()
    {
        Config = Config,
        Environment = EnvironmentOf(worker),
        Sockets = Config.LeastConnections ? [] : [.. _held],
        HandedAddresses = Config.LeastConnections ? [.. _held.Select(socket => new ListenAddress(socket.EndPoint).ToString())] : [],
        Log = _services.Logs.Open(Config, worker.Instance, worker.Id, _services.Folder.Logs),
        Logger = _services.Log,
        Callers = _services.Callers,
        MayRead = _services.Adopted.Task,
        Mark = number => $"{SupervisorFolder.WorkerVariable}={_services.Folder.WorkerMark(number)}",
        Cluster = Config.ExecMode == ExecMode.Cluster ? _cluster.Primary : null,
        OnListening = (process, address) => _services.Events.Publish(Config, worker, SupervisorEventKind.Listening, process.Id, address),
        OnMessage = (process, message) => OnMessage(worker, process, message),
        OnSlow = process => _services.Log.RouteSlow(Config.Name, process.Id),
    };

    /// <summary>Puts back the workers of a former supervisor. Their processes are adopted by the caller.</summary>
    public async Task RestoreAsync(IEnumerable<Worker> workers, CancellationToken cancellationToken)
    {
        Workers = [.. workers];
        if (Workers.Any(worker => worker.Status is not WorkerStatus.Stopped))
        {
            await ListenAsync(cancellationToken);
            _cluster.Adopt();
        }
    }

    private Dictionary<string, string> EnvironmentOf(Worker worker) =>
        WorkerEnvironment.Of(Config, Record.Environment, Record.EnvironmentName, worker.Instance, worker.Id);

    private async Task<bool> IsAliveAsync(CancellationToken cancellationToken)
    {
        foreach (var probe in Workers.Select(ProbeOf).OfType<LivenessProbe>())
        {
            if (await probe.CheckAsync(cancellationToken) is not null)
            {
                return false;
            }
        }

        return true;
    }

    private void OnMessage(Worker worker, WorkerProcess process, JsonElement message)
    {
        if (!_services.Router.TryRoute(worker, process.Id, message))
        {
            _services.Events.Publish(Config, worker, SupervisorEventKind.Message, process.Id, message.GetRawText());
        }
    }

    private async Task ResizeAsync(int count)
    {
        var surplus = Workers.Skip(count).ToArray();
        await Task.WhenAll(surplus.Select(worker => worker.StopAsync()));
        Workers =
        [
            .. Workers.Take(count),
            .. Enumerable.Range(Workers.Count, Math.Max(0, count - Workers.Count)).Select(instance => new Worker(this, _services, _nextId(), instance)),
        ];
        _services.OnChanged();
    }

    /// <summary>Waits until nothing is under way here; nothing is begun until the turn is given back.</summary>
    public Task<Turn> EnterAsync(CancellationToken cancellationToken) => Turn.EnterAsync(_turn, cancellationToken);

    /// <summary>Waits for the turn, not for workers that are to stop and are waited for until they are ready.</summary>
    private async Task<Turn> EnterToStopAsync(IReadOnlyCollection<Worker> workers, CancellationToken cancellationToken)
    {
        foreach (var worker in workers)
        {
            worker.Abandonment.Begin();
        }

        try
        {
            return await Turn.EnterAsync(_turn, cancellationToken);
        }
        finally
        {
            foreach (var worker in workers)
            {
                worker.Abandonment.End();
            }
        }
    }

    /// <summary>Accepts no more connections itself. Called within a turn.</summary>
    public Task StopDealingAsync() => DealAsync([]);

    /// <summary>Opens the sockets that the configuration names and closes those that it names no longer.</summary>
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var acquired = new List<SharedSocket>();
        try
        {
            foreach (var text in Config.Listen)
            {
                acquired.Add(await AcquireAsync(text, cancellationToken));
            }
        }
        catch
        {
            await ReleaseAsync(acquired);
            throw;
        }

        var former = _held;
        _held = acquired;
        await DealAsync(Config.LeastConnections ? acquired : []);
        await ReleaseAsync(former);
    }

    /// <summary>Accepts at these sockets from now on, and hands the connections out.</summary>
    private async Task DealAsync(List<SharedSocket> sockets)
    {
        if (_dealer is not null && !_dealer.Sockets.SequenceEqual(sockets))
        {
            await _dealer.DisposeAsync();
            _dealer = null;
        }

        _dealer ??= sockets.Count > 0 ? new ConnectionDealer(this, sockets, _services) : null;
    }

    private async Task<SharedSocket> AcquireAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            var address = ListenAddress.Parse(text);

            // Two applications that ask for "any port" do not mean the same one.
            var isAnyPort = address.EndPoint is System.Net.IPEndPoint { Port: 0 };
            return await _sockets.AcquireAsync(isAnyPort ? $"{address}@{Config.Name}" : address.ToString(), address.Open, cancellationToken);
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new SupervisorException($"{Config.Name}: {exception.Message}", exception);
        }
        catch (SocketException exception)
        {
            var advice = exception.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another program listens there; stop it, or choose another address",
                SocketError.AccessDenied => "no permission; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE",
                SocketError.AddressNotAvailable => "this machine has no such address",
                _ => exception.Message,
            };
            throw new SupervisorException($"{Config.Name} cannot listen on {text}: {advice}.", exception);
        }
    }

    private async Task StopListeningAsync()
    {
        await _cluster.ReleaseAsync();
        await DealAsync([]);
        await ReleaseAsync(_held);
        _held = [];
    }

    private async Task ReleaseAsync(List<SharedSocket> sockets)
    {
        foreach (var socket in sockets)
        {
            await _sockets.ReleaseAsync(socket);
        }
    }
}
