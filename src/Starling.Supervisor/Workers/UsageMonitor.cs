using System.Collections.Concurrent;
using Starling.Supervisor.Health;

namespace Starling.Supervisor.Workers;

/// <summary>Looks at what processes use, again and again, and restarts those that use too much memory. One loop; owned by the supervisor.</summary>
internal sealed class UsageMonitor(GroupTable groups, WorkerServices services, TimeSpan interval)
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, Worker> _busy = new();
    private readonly Dictionary<int, HeapWatch> _heaps = [];
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = RunAsync();

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(interval, services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    LookAtAll();
                }
                catch (Exception exception)
                {
                    // What cannot be seen now may be seen at the next look.
                    services.Log.BackgroundFailed("The look at what processes use", exception.Message, exception);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The supervisor ends.
        }
    }

    private void LookAtAll()
    {
        Worker[] workers = [.. groups.All.SelectMany(group => group.Workers)];
        var running = workers.Select(worker => (Worker: worker, worker.Process)).Where(item => item.Process is not null).ToArray();
        var usages = ProcessUsage.ReadTrees([.. running.Select(item => item.Process!.Id)]);
        foreach (var (worker, process) in running)
        {
            if (usages.TryGetValue(process!.Id, out var usage))
            {
                Look(worker, process, usage);
            }
        }

        foreach (var id in _heaps.Keys.Except(workers.Select(worker => worker.Id)).ToArray())
        {
            _heaps.Remove(id);
        }
    }

    private void Look(Worker worker, WorkerProcess process, ProcessUsage usage)
    {

        worker.OnUsage(usage);
        if (worker.Group.Config.MaxMemoryRestart is not { } limit || worker.Status != WorkerStatus.Online)
        {
            return;
        }

        if (!_heaps.TryGetValue(worker.Id, out var heap) || heap.Process != process)
        {
            _heaps[worker.Id] = heap = new HeapWatch(process, limit, services);
        }

        heap.OnLook(usage.ResidentBytes);
        if (new MemoryLimit(limit).Exceeded(usage) is { } reason && _busy.TryAdd(worker.Id, worker))
        {
            RestartAsync(worker, heap, reason).Observe(services.Log, "A restart");
        }
    }

    /// <summary>What can be replaced without a gap is; the rest is restarted.</summary>
    private async Task RestartAsync(Worker worker, HeapWatch heap, string reason)
    {
        try
        {
            await heap.WriteAsync(worker, reason);
            services.Log.WorkerRestarted(worker.Group.Config.Name, worker.Id, reason);
            await worker.Group.ReloadAsync([worker], _stop.Token);
        }
        catch (Exception exception)
        {
            services.Log.CheckFailed(worker.Group.Config.Name, exception.Message);
        }
        finally
        {
            _busy.TryRemove(worker.Id, out _);
        }
    }
}
