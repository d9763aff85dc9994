namespace Starling.Supervisor.Spawning;

/// <summary>How a process ended, exactly as the system says: by an exit code or by a signal, never both.</summary>
/// <param name="Code">Exit code, 0 to 255, or on Windows any number, -1 for one ended by force; null when a signal ended it, or when nobody was there to see.</param>
/// <param name="Signal">Number of the signal that ended it; null when it ended by itself, and always on Windows.</param>
public readonly record struct ExitStatus(int? Code, int? Signal)
{
    /// <summary>The process ended while no parent of it was there to be told how.</summary>
    public static ExitStatus Unknown => default;

    /// <summary>Whether the exit code is 0.</summary>
    public bool IsSuccess => Code == 0;

    /// <summary>Exit code as a shell gives it: 128 and the signal when a signal ended it; -1 when it is unknown.</summary>
    public int ShellCode => Code ?? (Signal is { } signal ? 128 + signal : -1);

    internal static ExitStatus FromWait(int status)
    {
        var signal = status & 0x7f;
        return signal == 0 ? new ExitStatus((status >> 8) & 0xff, null) : new ExitStatus(null, signal);
    }

    /// <inheritdoc/>
    public override string ToString() => (Code, Signal) switch
    {
        ({ } code, _) => $"exit code {code}",
        (_, { } signal) => Signals.Name(signal),
        _ => "unknown end",
    };
}
