namespace Starling.Supervisor.Spawning;

/// <summary>
/// A process that this one started. It is collected when it ends, whether or not anybody waits. Disposing closes the streams and lets the process be;
/// end it first if it should not go on. Safe for use by several threads. On Windows there are no signals: it is ended by force or ends by itself.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IProcessControl _control;

    internal ChildProcess(int id, SpawnOptions options, IProcessControl control, Stream? input, Stream? output, Stream? error)
    {
        Id = id;
        Options = options;
        _control = control;
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

    /// <summary>
    /// Completes when the process has ended. What it wrote into pipes may still have to be read. On Windows, what it wrote into files is there: for that, this waits
    /// up to five seconds if something that it started still holds the stream.
    /// </summary>
    public Task<ExitStatus> Exited => _exited.Task;

    /// <summary>Sends a signal. On Windows <c>SIGKILL</c> ends the process by force; there are no others.</summary>
    /// <param name="signal">Its number; see <see cref="Signals.Parse"/>.</param>
    /// <returns>False when the process has ended.</returns>
    /// <exception cref="PlatformNotSupportedException">The process lives, and Windows has no such signal.</exception>
    public bool Signal(int signal) => _control.Signal(this, signal);

    /// <summary>
    /// Ends the process and everything that it started, at once. Of one that has ended and was detached, those that it left in its session. On Windows: nothing of one
    /// that has ended, and not those whose parents have ended.
    /// </summary>
    /// <returns>Number of processes that were ended. On Windows, where those that it started are not counted, 1, or 0 if it had ended.</returns>
    /// <exception cref="IOException">On Windows: not all could be ended; the message says why.</exception>
    public Task<int> KillTreeAsync() => _control.KillTreeAsync(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        StandardInput?.Dispose();
        StandardOutput?.Dispose();
        StandardError?.Dispose();
    }

    /// <summary>When the system started it; 0 when that is not known.</summary>
    internal long StartTicks { get; init; }

    internal bool Takes(int signal) => _control.Takes(signal);

    internal Task<bool> EndTreeAsync(int signal, TimeSpan limit) => _control.EndTreeAsync(this, signal, limit);

    internal void OnExited(ExitStatus status) => _exited.TrySetResult(status);
}
