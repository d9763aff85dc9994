using System.Net.Sockets;
using Starling.Messaging;

namespace Starling.Supervisor.Control;

/// <summary>A connection to the daemon of a folder.</summary>
public sealed class SupervisorClient : IAsyncDisposable
{
    /// <summary>A reload of many workers with long drains takes its time.</summary>
    internal static readonly TimeSpan LongestCall = TimeSpan.FromHours(1);

    /// <summary>How long a daemon is waited for that its keeper is about to start, or that does not answer. A command says so within 10 s, the start of its own program included.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Silence after which a daemon is asked whether it lives, and the time that it then has to answer.</summary>
    private static readonly (TimeSpan Interval, TimeSpan Timeout) Heartbeat = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5));

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>A daemon that is stopped does not hold up the end of a command.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

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
    public static Task<SupervisorClient?> TryConnectAsync(SupervisorFolder folder, CancellationToken cancellationToken) =>
        TryConnectAsync(folder, Patience, cancellationToken);

    /// <param name="folder">The folder.</param>
    /// <param name="patience">How long a daemon that does not run yet is waited for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<SupervisorClient?> TryConnectAsync(SupervisorFolder folder, TimeSpan patience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        for (var start = TimeProvider.System.GetTimestamp(); ;)
        {
            var rest = patience - TimeProvider.System.GetElapsedTime(start);
            var silence = rest < ConnectTimeout ? ConnectTimeout : rest < Patience ? rest : Patience;
            if (await TryOnceAsync(folder, silence, cancellationToken) is { } client)
            {
                return client;
            }

            // A daemon that holds its lock and does not listen yet takes over what runs, which may take its time.
            if (!FolderLock.IsHeld(folder.LockFile) && !FolderLock.IsHeld(folder.KeeperLockFile))
            {
                return null;
            }

            if (TimeProvider.System.GetElapsedTime(start) > patience)
            {
                throw new SupervisorException(
                    $"The supervisor of {folder.Path} is being started and is not ready after {patience.TotalSeconds:0} s. Its log, {folder.DaemonLog}, may say why.");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task AnnounceAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await Supervisor.AnnounceAsync(Environment.ProcessId, cancellationToken).WaitAsync(timeout, cancellationToken);
        }
        catch (RpcException)
        {
            // A supervisor of a former version.
        }
    }

    /// <summary>Connects; null when no process listens, or when it ends meanwhile.</summary>
    /// <exception cref="SupervisorException">The daemon does not answer within <paramref name="silence"/>.</exception>
    private static async Task<SupervisorClient?> TryOnceAsync(SupervisorFolder folder, TimeSpan silence, CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.ControlSocket))
        {
            return null;
        }

        var options = new MessagingOptions
        {
            Reconnect = false,
            ConnectTimeout = ConnectTimeout,
            CallTimeout = LongestCall,
            CloseTimeout = CloseTimeout,
            HeartbeatInterval = Heartbeat.Interval,
            HeartbeatTimeout = Heartbeat.Timeout,
        };
        SupervisorClient? client = null;
        try
        {
            client = new SupervisorClient(await RpcClient.ConnectAsync("unix://" + folder.ControlSocket, options: options, cancellationToken: cancellationToken));
            await client.AnnounceAsync(silence, cancellationToken);
            var answering = client;
            client = null;
            return answering;
        }
        catch (Exception exception) when (exception is TimeoutException or ConnectionLostException { InnerException: TimeoutException })
        {
            // The second is the heartbeat, which may be the first to find out.
            throw new SupervisorException(
                $"The supervisor of {folder.Path} runs and has not answered within {silence.TotalSeconds:0} s: it is stopped (SIGSTOP), or has too much to do. Its log, {folder.DaemonLog}, may say why.",
                exception);
        }
        catch (Exception exception) when (exception is ConnectionLostException or IOException or SocketException)
        {
            return null;
        }
        finally
        {
            if (client is not null)
            {
                // Its only call has failed, so the connection is cut instead of closed in order.
                await client._client.CloseAsync(new CancellationToken(canceled: true));
            }
        }
    }
}
