using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Starling.Apps.LogReport.Counting;
using Starling.Apps.LogReport.Reading;

namespace Starling.Apps.LogReport.Running;

/// <summary>
/// Reads all sources in threads of this process. Each worker counts into a report of its own; they meet in one queue, into which one thread puts the
/// pieces of plain files, and others what they read from streams. The queue is bounded, and so is what is held in memory.
/// </summary>
internal static class ThreadRun
{
    private const long SmallestPiece = 1024 * 1024;
    private const long LargestPiece = 16 * 1024 * 1024;
    private const int PiecesPerWorker = 16;

    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static Task<PartialReport> RunAsync(RunContext context, CancellationToken cancellationToken) =>
        RunAsync(context, context.Sources, context.Workers, cancellationToken);

    /// <summary>Reads some of the sources.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static async Task<PartialReport> RunAsync(
        RunContext context, IReadOnlyList<LogSource> sources, int workerCount, CancellationToken cancellationToken)
    {
        // When the run is cancelled, a thread may still wait for a pipe that says nothing: nobody waits for it, and it uses these until it ends.
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var queue = new BlockingCollection<WorkItem>(workerCount * 2);
        var producers = ProduceAsync(context, sources, workerCount, queue, stopping);
        var workers = Enumerable.Range(0, workerCount).Select(_ => Start(() => Work(context, queue, stopping.Token), stopping)).ToArray();
        var all = Task.WhenAll([producers, .. workers]);
        await all.ContinueWith(_ => { }, cancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        ThrowReason(all, cancellationToken);
        var report = await workers[0];
        foreach (var worker in workers.Skip(1))
        {
            report.Merge(await worker);
        }

        return report;
    }

    private static async Task ProduceAsync(
        RunContext context, IReadOnlyList<LogSource> sources, int workerCount, BlockingCollection<WorkItem> queue, CancellationTokenSource stopping)
    {
        var streams = new ConcurrentQueue<LogSource>(sources.Where(source => !source.IsSplittable));
        var pumps = Math.Min(streams.Count, workerCount);
        await Task.WhenAll(
            [
                Start(() => Split([.. sources.Where(source => source.IsSplittable)], workerCount, queue, stopping.Token), stopping),
                .. Enumerable.Range(0, pumps).Select(_ => Start(() => Pump(context, streams, queue, stopping.Token), stopping)),
            ]);
        queue.CompleteAdding();
    }

    private static bool Split(LogSource[] files, int workerCount, BlockingCollection<WorkItem> queue, CancellationToken cancellationToken)
    {
        var size = Math.Clamp(files.Sum(file => file.Length) / (workerCount * PiecesPerWorker), SmallestPiece, LargestPiece);
        foreach (var piece in files.SelectMany(file => FilePiece.Split(file, size)))
        {
            queue.Add(piece, cancellationToken);
        }

        return true;
    }

    private static bool Pump(
        RunContext context, ConcurrentQueue<LogSource> streams, BlockingCollection<WorkItem> queue, CancellationToken cancellationToken)
    {
        while (streams.TryDequeue(out var source))
        {
            try
            {
                StreamPump.Run(source, chunk => queue.Add(chunk, cancellationToken), context.Read, cancellationToken);
            }
            catch (Exception exception) when (SourceException.IsOfSource(exception))
            {
                context.Fail(source, exception);
            }
        }

        return true;
    }

    private static PartialReport Work(RunContext context, BlockingCollection<WorkItem> queue, CancellationToken cancellationToken)
    {
        var worker = new PieceWorker(context.Settings);
        foreach (var item in queue.GetConsumingEnumerable(cancellationToken))
        {
            try
            {
                worker.Do(item, context.Read, cancellationToken);
            }
            catch (Exception exception) when (SourceException.IsOfSource(exception))
            {
                context.Fail(item.Source, exception);
            }
            finally
            {
                if (item is StreamChunk chunk)
                {
                    ArrayPool<byte>.Shared.Return(chunk.Buffer);
                }
            }
        }

        return worker.Report;
    }

    // One that fails cancels the others; what they say of that is not the reason.
    private static void ThrowReason(Task all, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (all.Exception?.InnerExceptions is { } exceptions)
        {
            ExceptionDispatchInfo.Throw(exceptions.FirstOrDefault(exception => exception is not OperationCanceledException) ?? exceptions[0]);
        }
    }

    // Threads of their own: they compute and wait, neither of which threads of the pool should do for long. One that fails ends the others.
    private static Task<T> Start<T>(Func<T> run, CancellationTokenSource stopping) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                return run();
            }
            catch
            {
                stopping.Cancel();
                throw;
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
