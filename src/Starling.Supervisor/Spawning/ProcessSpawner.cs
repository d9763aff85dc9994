namespace Starling.Supervisor.Spawning;

/// <summary>
/// Starts processes. On Linux and macOS they get the descriptors that they are meant to have and no other, default signals, and no copy of this process's memory. On
/// Windows they start through <see cref="System.Diagnostics.Process"/>, which cannot do all: <see cref="SpawnOptions"/> says at each property what is refused there.
/// </summary>
public static class ProcessSpawner
{
    /// <summary>Starts a process.</summary>
    /// <exception cref="SpawnException">It cannot be started, or not in this way on this system; the message says why.</exception>
    public static ChildProcess Spawn(SpawnOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.FileName.Length == 0)
        {
            throw new SpawnException("There is no program to start: its name is empty.");
        }

        if (options.WorkingDirectory is { } folder && !Directory.Exists(folder))
        {
            throw new SpawnException($"{options.FileName} cannot start in '{folder}': there is no such folder.");
        }

        return options.IsManaged ? ManagedSpawner.Spawn(options) : PosixSpawner.Spawn(options);
    }
}
