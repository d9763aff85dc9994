using Starling.Supervisor.State;

namespace Starling.Supervisor.Workers;

/// <summary>
/// The end of a supervisor whose workers go on, for the next one to adopt. Nothing is lost by it that a crash would lose: what is under way is finished first,
/// what workers wrote is in their logs or still in their pipes, what was accepted is handed over. Owned by the supervisor.
/// </summary>
internal sealed class Departure(GroupTable groups, UsageMonitor monitor, StateFile state)
{
    private readonly TaskCompletionSource _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when nothing is under way any more, and nothing will be begun.</summary>
    public Task Prepared => _prepared.Task;

    /// <summary>Waits until nothing is under way, and has everything that is asked for from now on wait for the next supervisor.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var turns = new List<(WorkerGroup Group, Turn Turn)>();
        try
        {
            foreach (var group in groups.All)
            {
                turns.Add((group, await group.EnterAsync(cancellationToken)));
            }
        }
        catch (OperationCanceledException)
        {
            turns.ForEach(static entered => entered.Turn.Dispose());
            throw;
        }

        // The turns are not given back.
        await Task.WhenAll(turns.Select(static entered => entered.Group.StopDealingAsync()));
        await monitor.StopAsync();
        await state.WriteAsync();
        _prepared.TrySetResult();
    }

    /// <summary>Reads no more of what workers write, and has what was read written.</summary>
    public Task LeaveAsync() =>
        Task.WhenAll(groups.All.SelectMany(group => group.Workers).Select(worker => worker.Process).OfType<WorkerProcess>().Select(process => process.LeaveAsync()));
}
