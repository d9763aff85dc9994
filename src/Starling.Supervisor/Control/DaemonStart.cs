using System.Text.Json;
using Starling.Supervisor.Spawning;
using Starling.Supervisor.State;

namespace Starling.Supervisor.Control;

/// <summary>Connects to the daemon of a folder and starts one, with its keeper, where none runs. Commands that come at the same moment start one only.</summary>
public static class DaemonStart
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Connects, after starting a daemon if need be.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="keeper">How the keeper is started.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SupervisorException">No daemon can be started; the message has the last lines of its log, or says that Windows has no supervisor.</exception>
    public static async Task<SupervisorClient> ConnectAsync(SupervisorFolder folder, SpawnOptions keeper, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(keeper);
        SupportedSystem.Require();
        var start = TimeProvider.System.GetTimestamp();
        FileStream? starting = null;
        ChildProcess? started = null;
        try
        {
            while (true)
            {
                if (await SupervisorClient.TryConnectAsync(folder, Patience, cancellationToken) is { } client)
                {
                    return client;
                }

                starting ??= FolderLock.TryTake(Path.Combine(folder.Path, "start.lock"));
                if (starting is not null && started is null && !FolderLock.IsHeld(folder.LockFile))
                {
                    started = ProcessSpawner.Spawn(SupervisorFolder.WithoutMarks(keeper));
                }

                if (TimeProvider.System.GetElapsedTime(start) > Patience)
                {
                    throw new SupervisorException($"The supervisor does not start. The end of {folder.DaemonLog}:{Environment.NewLine}{Tail(folder.DaemonLog)}");
                }

                await Task.Delay(Look, cancellationToken);
            }
        }
        finally
        {
            started?.Dispose();
            starting?.Dispose();
        }
    }

    /// <summary>
    /// Whether the folder's supervisor and its keeper ended without stopping what they ran, as after a power cut or kills of both. Then the next command starts them again.
    /// Call it when there is no supervisor.
    /// </summary>
    public static async Task<bool> HasDiedAsync(SupervisorFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            return await StateFile.ReadAsync(folder.StateFile) is { Groups.Count: > 0 };
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Tail(string path) => File.Exists(path) ? string.Join(Environment.NewLine, File.ReadLines(path).TakeLast(10)) : "(empty)";
}
