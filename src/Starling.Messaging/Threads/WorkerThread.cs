namespace Starling.Messaging.Threads;

/// <summary>
/// A thread of its own for code that must not share one: what Node calls a worker. It runs one asynchronous method, whose continuations
/// come back to the thread, and ends with an exit code. Thread-safe.
/// </summary>
/// <remarks>
/// Life time: until its method returns, fails, or is terminated. It does not keep the process alive. .NET has no safe way to break off code
/// that computes without ever waiting or asking whether it shall stop; what must be killed at any cost belongs into a process of its own.
/// </remarks>
public sealed class WorkerThread : IAsyncDisposable
{
    /// <summary>Exit code of a worker that failed or was terminated.</summary>
    public const int FailureExitCode = 1;

    private static readonly TimeSpan WakeTime = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly WorkerLoop _loop = new();
    private Thread _thread = Thread.CurrentThread;

    private WorkerThread(string name) => Name = name;

    /// <summary>Name of the thread.</summary>
    public string Name { get; }

    /// <summary>Ends, always well, with the exit code: what the method returned, or 1 when it failed or was terminated.</summary>
    public Task<int> Exit => _exit.Task;

    /// <summary>What the method failed with, or what it had registered to do when it is asked to stop; null while it runs and when it did not fail.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Starts a worker.</summary>
    /// <param name="name">Name of the thread.</param>
    /// <param name="main">What it does. It returns the exit code, and should return soon when its context says that it stops.</param>
    public static WorkerThread Start(string name, Func<WorkerContext, Task<int>> main)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(main);
        var worker = new WorkerThread(name);
        worker._thread = new Thread(() => worker.Run(main)) { Name = name, IsBackground = true };
        worker._thread.Start();
        return worker;
    }

    /// <summary>Whether the worker was given up while its thread still computed. The thread ends when it next waits.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>
    /// Ends the worker: asks it to stop; when it has not done so in time, wakes it out of whatever it waits for and runs none of its
    /// continuations any more; and when it computes even then, gives it up.
    /// </summary>
    /// <param name="grace">How long to wait after asking: without it 5 s, zero for not at all.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync(TimeSpan? grace = null)
    {
        try
        {
            await _stopping.CancelAsync();
        }
        catch (Exception e)
        {
            // What it does when it is asked to stop has failed. It must end all the same.
            Error ??= e;
        }

        if (await EndsWithinAsync(grace ?? TimeSpan.FromSeconds(5)))
        {
            return await Exit;
        }

        _loop.Close();
        _thread.Interrupt();
        if (!await EndsWithinAsync(WakeTime))
        {
            IsAbandoned = true;
            _exit.TrySetResult(FailureExitCode);
        }

        return await Exit;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await TerminateAsync();

    private void Run(Func<WorkerContext, Task<int>> main)
    {
        var code = FailureExitCode;
        try
        {
            code = _loop.Run(main, new WorkerContext(Name, _loop, _stopping.Token));
        }
        catch (Exception e) when (_stopping.IsCancellationRequested && e is OperationCanceledException or ThreadInterruptedException)
        {
            // It was terminated.
        }
        catch (Exception e)
        {
            Error = e;
        }

        try
        {
            _exit.TrySetResult(code);
        }
        catch (ThreadInterruptedException)
        {
            // The interruption came when there was nothing left to interrupt.
            _exit.TrySetResult(code);
        }
    }

    private async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        try
        {
            await Exit.WaitAsync(time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
