namespace Starling.Supervisor.Spawning;

/// <summary>Limits of a run.</summary>
public sealed record RunOptions
{
    /// <summary>What the process reads; null for nothing.</summary>
    public ReadOnlyMemory<byte>? Input { get; init; }

    /// <summary>Time after which the process is told to end; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Bytes of output, of each stream, after which the process is told to end: 1 MiB.</summary>
    public int MaxOutputBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Signal that tells it, and all that it started, to end, for example <c>SIGTERM</c>. Windows has none but <c>SIGKILL</c>: with any other, the process and all that it started are ended by
    /// force there, at once.
    /// </summary>
    public string KillSignal { get; init; } = "SIGTERM";

    /// <summary>Time from that signal to the end, by force, of the process and all that it started: 5 s.</summary>
    public TimeSpan KillTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
