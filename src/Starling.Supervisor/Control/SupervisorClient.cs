using Starling.Messaging;

namespace Starling.Supervisor.Control;

/// <summary>A connection to the daemon of a folder.</summary>
public sealed class SupervisorClient : IAsyncDisposable
{
    /// <summary>A reload of many workers with long drains takes its time.</summary>
    internal static readonly TimeSpan LongestCall = TimeSpan.FromHours(1);

    /// <summary>A command answers, or says why it does not, within 10 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>A daemon that is stopped, or hangs, is noticed within twice this time.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly RpcClient _client;

    private SupervisorClient(RpcClient client)
    {
        _client = client;
        Supervisor = client.GetService<ISupervisor>(LongestCall);
    }

    /// <summary>The daemon's supervisor. Calls throw <see cref="RpcException"/> when something cannot be done, and <see cref="ConnectionLostException"/> when the daemon is gone.</summary>
    public ISupervisor Supervisor { get; }

    /// <summary>Connects; null when no daemon runs in the folder. One that is being started, or started again by its keeper, is waited for.</summary>
    /// <exception cref="IOException">The control socket is there but may not be used.</exception>
    /// <exception cref="SupervisorException">A daemon runs and does not answer.</exception>
    public static async Task<SupervisorClient?> TryConnectAsync(SupervisorFolder folder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        for (var start = TimeProvider.System.GetTimestamp(); ;)
        {
            if (await TryOnceAsync(folder, cancellationToken) is { } client)
            {
                return client;
            }

            if (!FolderLock.IsHeld(folder.LockFile) && !FolderLock.IsHeld(folder.KeeperLockFile))
            {
                return null;
            }

            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new SupervisorException(
                    $"The supervisor of {folder.Path} runs and has not answered within {Patience.TotalSeconds:0} s. Its log, {folder.DaemonLog}, may say why.");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Supervisor.AnnounceAsync(Environment.ProcessId, cancellationToken).WaitAsync(Patience / 2, cancellationToken);
        }
        catch (RpcException)
        {
            // A supervisor of a former version.
        }
    }

    private static async Task<SupervisorClient?> TryOnceAsync(SupervisorFolder folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.ControlSocket))
        {
            return null;
        }

        try
        {
            var options = new MessagingOptions { Reconnect = false, ConnectTimeout = TimeSpan.FromSeconds(1), CallTimeout = LongestCall, HeartbeatInterval = Heartbeat, HeartbeatTimeout = Heartbeat };
            var client = new SupervisorClient(await RpcClient.ConnectAsync("unix://" + folder.ControlSocket, options: options, cancellationToken: cancellationToken));
            try
            {
                await client.AnnounceAsync(cancellationToken);
                return client;
            }
            catch
            {
                await client.DisposeAsync();
                throw;
            }
        }
        catch (Exception exception) when (exception is ConnectionLostException or TimeoutException or IOException or System.Net.Sockets.SocketException)
        {
            return null;
        }
    }
}
