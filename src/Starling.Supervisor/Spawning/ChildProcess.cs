namespace Starling.Supervisor.Spawning;

/// <summary>
/// A process that this one started. It is collected when it ends, whether or not anybody waits. Disposing closes the streams and lets the process be;
/// end it first if it should not go on. Safe for use by several threads.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ChildProcess(int id, SpawnOptions options, Stream? input, Stream? output, Stream? error)
    {
        Id = id;
        Options = options;
        (StandardInput, StandardOutput, StandardError) = (input, output, error);
    }

    /// <summary>Id of the process.</summary>
    public int Id { get; }

    /// <summary>What it was started with.</summary>
    public SpawnOptions Options { get; }

    /// <summary>Where its standard input is written, if that is <see cref="StandardStream.Pipe"/>. Disposing it tells the process that no more comes.</summary>
    public Stream? StandardInput { get; }

    /// <summary>Where its standard output is read, if that is <see cref="StandardStream.Pipe"/>.</summary>
    public Stream? StandardOutput { get; }

    /// <summary>Where its standard error is read, if that is <see cref="StandardStream.Pipe"/>.</summary>
    public Stream? StandardError { get; }

    /// <summary>Completes when the process has ended. What it wrote may still have to be read.</summary>
    public Task<ExitStatus> Exited => _exited.Task;

    /// <summary>Sends a signal.</summary>
    /// <param name="signal">Its number; see <see cref="Signals.Parse"/>.</param>
    /// <returns>False when the process has ended.</returns>
    public bool Signal(int signal) => ExitWatcher.Instance.IfPresent(this, () => _ = Libc.kill(Id, signal));

    /// <summary>Ends the process and everything that it started, at once. Of one that has ended and was detached, those that it left in its session.</summary>
    /// <returns>Number of processes that were ended.</returns>
    public Task<int> KillTreeAsync() => ProcessTree.KillAsync(Id, _exited.Task.IsCompleted);

    /// <inheritdoc/>
    public void Dispose()
    {
        StandardInput?.Dispose();
        StandardOutput?.Dispose();
        StandardError?.Dispose();
    }

    internal void OnExited(ExitStatus status) => _exited.TrySetResult(status);
}
