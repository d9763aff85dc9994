using System.ComponentModel;
using Starling.Apps.LogReport.Counting;

namespace Starling.Apps.LogReport.Running;

/// <summary>
/// Reads all sources in processes of their own, which ask for pieces and hand in what they counted. Standard input and pipes can be read once only, so a
/// thread here reads them.
/// </summary>
internal static class ProcessRun
{
    private const int MaxReplacements = 16;

    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="RunException">Worker processes cannot be started, or do not stay.</exception>
    public static async Task<PartialReport> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var queue = new PieceQueue(context);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var releasing = stopping.Token.Register(queue.Stop);
        var workers = Enumerable.Range(0, Math.Min(context.Workers, queue.Count)).Select(_ => StartAsync(queue, stopping.Token)).ToArray();
        try
        {
            var unrepeatable = context.Sources.Where(source => !source.IsRepeatable).ToArray();
            var own = unrepeatable.Length > 0 ? ThreadRun.RunAsync(context, unrepeatable, 1, stopping.Token) : null;
            var report = await queue.Completion.WaitAsync(cancellationToken);
            if (own is not null)
            {
                report.Merge(await own);
            }

            await Task.WhenAll(workers);
            return report;
        }
        finally
        {
            await stopping.CancelAsync();
            await Task.WhenAll(workers);
        }
    }

    // A thread of its own waits for the worker, which threads of the pool should not do for long.
    private static Task StartAsync(PieceQueue queue, CancellationToken stopping) => Task.Factory.StartNew(
        () => Keep(queue, stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    // Keeps one worker running as long as there is work, and leaves none behind.
    private static void Keep(PieceQueue queue, CancellationToken stopping)
    {
        for (var started = 0; !queue.Completion.IsCompleted && !stopping.IsCancellationRequested; started++)
        {
            if (started > MaxReplacements)
            {
                queue.Fail(new RunException($"Worker processes end as soon as they are started, {MaxReplacements} in a row. Try --run threads."));
                return;
            }

            try
            {
                using var worker = WorkerProcess.Start(queue);
                worker.Serve(stopping);
            }
            catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
            {
                queue.Fail(new RunException($"A worker process cannot be started: {exception.Message}"));
                return;
            }
        }
    }
}
