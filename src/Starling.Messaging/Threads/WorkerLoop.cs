using System.Collections.Concurrent;

namespace Starling.Messaging.Threads;

/// <summary>Runs continuations on the one thread that called <see cref="Run"/>. Posting is thread-safe.</summary>
internal sealed class WorkerLoop : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];

    /// <summary>Runs the method and all that it posts, until it has returned.</summary>
    public int Run(Func<WorkerContext, Task<int>> main, WorkerContext context)
    {
        SetSynchronizationContext(this);
        try
        {
            var task = main(context);
            task.ContinueWith(_ => Close(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            foreach (var (callback, state) in _work.GetConsumingEnumerable())
            {
                callback(state);
            }

            return task.IsCompleted ? task.GetAwaiter().GetResult() : WorkerThread.FailureExitCode;
        }
        catch (Exception e) when (e is not ThreadInterruptedException)
        {
            Close();
            while (_work.TryTake(out var left))
            {
                RunElsewhere(left.Callback, left.State);
            }

            throw;
        }
    }

    /// <summary>Takes no more work.</summary>
    public void Close() => _work.CompleteAdding();

    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            _work.Add((d, state));
        }
        catch (InvalidOperationException)
        {
            RunElsewhere(d, state);
        }
    }

    /// <summary>For when the worker has ended: its continuations must run somewhere, or those who wait for them would wait for ever.</summary>
    private static void RunElsewhere(SendOrPostCallback callback, object? state) => ThreadPool.QueueUserWorkItem(_ => callback(state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("A thread that waited for a worker would be lost to others; post instead.");
}
