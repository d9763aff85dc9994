using Starling.Messaging;
using Starling.Supervisor;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary>Prints lines of logs as they come.</summary>
internal static class LogStreaming
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Prints the lines of some applications until it is cancelled.</summary>
    public static async Task FollowAsync(ISupervisor supervisor, IReadOnlySet<string> apps, LineForm form, CancellationToken cancellationToken)
    {
        await foreach (var line in supervisor.FollowAsync("all", cancellationToken))
        {
            if (apps.Contains(line.App))
            {
                form.Print(line);
            }
        }
    }

    /// <summary>Prints all lines until it is cancelled or no process runs any more.</summary>
    /// <returns>The exit code: 1 when a process failed for good.</returns>
    public static async Task<int> FollowUntilStoppedAsync(ISupervisor supervisor, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var printing = PrintAsync(supervisor, ending.Token);
        try
        {
            while (true)
            {
                await Task.Delay(Look, cancellationToken);
                var workers = await supervisor.ListAsync(cancellationToken);
                if (workers.All(worker => worker.Status is WorkerStatus.Stopped or WorkerStatus.Errored))
                {
                    return workers.Any(worker => worker.Status == WorkerStatus.Errored) ? SupervisorCall.Failed : 0;
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            await printing;
        }
    }

    private static async Task PrintAsync(ISupervisor supervisor, CancellationToken cancellationToken)
    {
        var form = new LineForm(isRaw: false, isJson: false);
        try
        {
            await foreach (var line in supervisor.FollowAsync("all", cancellationToken))
            {
                form.Print(line);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or RpcException or ConnectionLostException)
        {
            // The command ends, or the supervisor does, which the command finds out by itself.
        }
    }
}
