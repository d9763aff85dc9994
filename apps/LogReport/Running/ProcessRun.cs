using System.ComponentModel;
using Starling.Apps.LogReport.Counting;
using Starling.Messaging;

namespace Starling.Apps.LogReport.Running;

/// <summary>
/// Reads all sources in processes of their own, which ask for pieces over a Unix socket in a folder that only this user can enter. Standard input
/// and pipes can be read once only, so a thread here reads them.
/// </summary>
internal static class ProcessRun
{
    private const int MaxReplacements = 16;

    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="RunException">Worker processes cannot be started, or do not stay.</exception>
    public static async Task<PartialReport> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var queue = new PieceQueue(context);
        var folder = Directory.CreateTempSubdirectory("starling-logreport-");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var address = "unix://" + Path.Combine(folder.FullName, "pieces");
            await using var server = await RpcServer.StartAsync(
                address, new RpcServices().Add<IPieceDesk>(connection => new PieceDesk(queue, connection)), new MessagingOptions(), cancellationToken);
            var workers = Enumerable.Range(0, Math.Min(context.Workers, queue.Count)).Select(_ => KeepAsync(queue, address, stopping.Token)).ToArray();
            try
            {
                var unrepeatable = context.Sources.Where(source => !source.IsRepeatable).ToArray();
                var own = unrepeatable.Length > 0 ? ThreadRun.RunAsync(context, unrepeatable, 1, stopping.Token) : null;
                var report = await queue.Completion.WaitAsync(cancellationToken);
                if (own is not null)
                {
                    report.Merge(await own);
                }

                return report;
            }
            finally
            {
                await stopping.CancelAsync();
                await Task.WhenAll(workers);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Keeps one worker running as long as there is work, and leaves none behind.
    private static async Task KeepAsync(PieceQueue queue, string address, CancellationToken stopping)
    {
        for (var started = 0; !queue.Completion.IsCompleted; started++)
        {
            if (started > MaxReplacements)
            {
                queue.Fail(new RunException($"Worker processes end as soon as they are started, {MaxReplacements} in a row. Try --run threads."));
                return;
            }

            try
            {
                using var worker = WorkerProcess.Start(address);
                await WorkerProcess.WaitAsync(worker, stopping);
            }
            catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
            {
                queue.Fail(new RunException($"A worker process cannot be started: {exception.Message}"));
                return;
            }
        }
    }
}
