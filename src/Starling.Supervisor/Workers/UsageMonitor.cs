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
                foreach (var worker in groups.All.SelectMany(group => group.Workers))
                {
                    Look(worker);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The supervisor ends.
        }
    }

    private void Look(Worker worker)
    {
        if (worker.Process is not { } process || ProcessUsage.Read(process.Id) is not { } usage)
        {
            return;
        }

        worker.OnUsage(usage);
        if (worker.Group.Config.MaxMemoryRestart is not { } limit || worker.Status != WorkerStatus.Online)
        {
            return;
        }

        if (!_heaps.TryGetValue(worker.Id, out var heap) || heap.Pid != process.Id)
        {
            _heaps[worker.Id] = heap = new HeapWatch(process.Id, services);
        }

        heap.OnLook();
        if (new MemoryLimit(limit).Exceeded(usage) is { } reason && _busy.TryAdd(worker.Id, worker))
        {
            _ = RestartAsync(worker, heap, reason);
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
        catch (Exception exception) when (exception is OperationCanceledException or SupervisorException)
        {
            services.Log.CheckFailed(worker.Group.Config.Name, exception.Message);
        }
        finally
        {
            _busy.TryRemove(worker.Id, out _);
        }
    }
}
