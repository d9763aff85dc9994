using System.Runtime;

namespace Starling.Messaging.Threads;

/// <summary>
/// A thread of its own for code that must not share one: what Node calls a worker. It runs one asynchronous method, whose continuations
/// come back to the thread, and ends with an exit code. Thread-safe.
/// </summary>
/// <remarks>Life time: until its method returns, fails, or is terminated. It does not keep the process alive.</remarks>
public sealed class WorkerThread : IAsyncDisposable
{
    /// <summary>Exit code of a worker that failed or was terminated.</summary>
    public const int FailureExitCode = 1;

    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly WorkerLoop _loop = new();
    private Thread _thread = Thread.CurrentThread;

    private WorkerThread(string name) => Name = name;

    /// <summary>Name of the thread.</summary>
    public string Name { get; }

    /// <summary>Ends, always well, with the exit code: what the method returned, or 1 when it failed or was terminated.</summary>
    public Task<int> Exit => _exit.Task;

    /// <summary>What the method failed with; null while it runs and when it did not fail.</summary>
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

    /// <summary>
    /// Ends the worker: asks it to stop, and when it has not done so in time, breaks off its code wherever it is. Breaking off may leave shared
    /// state half changed; what must survive that belongs into a process of its own.
    /// </summary>
    /// <param name="grace">How long to wait after asking: without it 5 s, zero for not at all.</param>
    /// <returns>The exit code.</returns>
    /// <remarks>Code that is inside the operating system, or in a <c>finally</c>, is broken off when it comes back.</remarks>
    public async Task<int> TerminateAsync(TimeSpan? grace = null)
    {
        await _stopping.CancelAsync();
        try
        {
            return await Exit.WaitAsync(grace ?? TimeSpan.FromSeconds(5));
        }
        catch (TimeoutException)
        {
            _loop.Close();

            // From another thread: cancelling waits until the code has been broken off.
            _ = Task.Run(_abort.Cancel);

            // Code that waits is not broken off, but it can be woken.
            _thread.Interrupt();
            return await Exit;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await TerminateAsync();

    private void Run(Func<WorkerContext, Task<int>> main)
    {
        var code = FailureExitCode;
        try
        {
#pragma warning disable SYSLIB0046 // Breaking off code is what terminating a worker means; its dangers are documented above.
            ControlledExecution.Run(() => code = _loop.Run(main, new WorkerContext(Name, _loop, _stopping.Token)), _abort.Token);
#pragma warning restore SYSLIB0046
        }
        catch (Exception e) when (_stopping.IsCancellationRequested && e is OperationCanceledException or ThreadInterruptedException)
        {
            // It was terminated.
        }
        catch (Exception e)
        {
            Error = e;
        }

        _exit.TrySetResult(code);
    }
}
