using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Workers;

/// <summary>Waits until a process that was started is ready, in the way that its application asks for.</summary>
internal sealed class Readiness(AppConfig config, int worker, WorkerServices services)
{
    /// <summary>What a process said last on its standard error, for the end of a sentence.</summary>
    public static string LastWords(WorkerProcess process) => process.LastError is { } words ? $": {words}" : "";

    /// <summary>Waits.</summary>
    /// <param name="process">The process.</param>
    /// <param name="isStrict">Whether one that says nothing in time counts as failed, rather than as one that has nothing to say.</param>
    /// <param name="abandoned">Cancelled when the worker is to stop.</param>
    /// <param name="cancellationToken">Cancelled when the caller does not want to know any more.</param>
    /// <returns>Null when it is ready, or else why not.</returns>
    public async Task<string?> WaitAsync(WorkerProcess process, bool isStrict, CancellationToken abandoned, CancellationToken cancellationToken)
    {
        if (config.WaitReady || config.ExecMode == ExecMode.Cluster || config.Listen.Count > 0)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, abandoned);
            try
            {
                await Task.WhenAny(process.Ready, process.Ended).WaitAsync(config.ListenTimeout, services.Time, end.Token);
            }
            catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
            {
                return "it was told to stop while it started";
            }
            catch (TimeoutException) when (isStrict)
            {
                return $"the process did not say that it is ready within {config.ListenTimeout.TotalSeconds:0.###} s (listen_timeout){LastWords(process)}";
            }
            catch (TimeoutException)
            {
                if (config.WaitReady)
                {
                    services.Log.WorkerSaysNothing(config.Name, worker, config.ListenTimeout.TotalSeconds);
                }
            }
        }

        return process.Ended.IsCompleted ? $"the process ended at once ({await process.Ended}){LastWords(process)}" : null;
    }
}
