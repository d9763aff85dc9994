using System.Net.Sockets;
using Starling.Messaging;

namespace Starling.Supervisor.Control;

/// <summary>A connection to the daemon of a folder.</summary>
public sealed class SupervisorClient : IAsyncDisposable
{
    /// <summary>A reload of many workers with long drains takes its time.</summary>
    internal static readonly TimeSpan LongestCall = TimeSpan.FromHours(1);

    /// <summary>How long one that listens and says nothing is waited for: it is stopped, or hangs.</summary>
    private static readonly TimeSpan SilencePatience = TimeSpan.FromSeconds(9);

    /// <summary>How long one that its keeper is about to start is waited for.</summary>
    private static readonly TimeSpan RestartPatience = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which a daemon is asked whether it lives, and the time that it then has to answer.</summary>
    private static readonly (TimeSpan Interval, TimeSpan Timeout) Heartbeat = (TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5));

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);
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
        TryConnectAsync(folder, RestartPatience, cancellationToken);

    /// <param name="folder">The folder.</param>
    /// <param name="patience">How long a daemon that does not run yet is waited for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<SupervisorClient?> TryConnectAsync(SupervisorFolder folder, TimeSpan patience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        long? silent = null;
        for (var start = TimeProvider.System.GetTimestamp(); ;)
        {
            if (await TryOnceAsync(folder, cancellationToken) is { } client)
            {
                return client;
            }

            // A daemon that holds its lock and does not listen yet takes over what runs, which may take its time.
            var isDaemon = FolderLock.IsHeld(folder.LockFile);
            if (!isDaemon && !FolderLock.IsHeld(folder.KeeperLockFile))
            {
                return null;
            }

            silent = await ListensAsync(folder, cancellationToken) ? silent ?? TimeProvider.System.GetTimestamp() : null;
            var limit = silent is not null ? SilencePatience : isDaemon ? LongestStart : patience;
            if (TimeProvider.System.GetElapsedTime(silent ?? start) > limit)
            {
                throw new SupervisorException(silent is not null
                    ? $"The supervisor of {folder.Path} runs and has not answered within {limit.TotalSeconds:0} s: it is stopped (SIGSTOP), or has too much to do. Its log, {folder.DaemonLog}, may say why."
                    : $"The supervisor of {folder.Path} is being started and is not ready after {limit.TotalSeconds:0} s. Its log, {folder.DaemonLog}, may say why.");
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
            await Supervisor.AnnounceAsync(Environment.ProcessId, cancellationToken).WaitAsync(Heartbeat.Timeout, cancellationToken);
        }
        catch (RpcException)
        {
            // A supervisor of a former version.
        }
    }

    /// <summary>Whether a process listens at the control socket, although it may not answer.</summary>
    private static async Task<bool> ListensAsync(SupervisorFolder folder, CancellationToken cancellationToken)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(folder.ControlSocket), cancellationToken).AsTask().WaitAsync(ConnectTimeout, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            // Its queue is full.
            return true;
        }
        catch (SocketException)
        {
            return false;
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
            var options = new MessagingOptions { Reconnect = false, ConnectTimeout = ConnectTimeout, CallTimeout = LongestCall, HeartbeatInterval = Heartbeat.Interval, HeartbeatTimeout = Heartbeat.Timeout };
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
        catch (Exception exception) when (exception is ConnectionLostException or TimeoutException or IOException or SocketException)
        {
            return null;
        }
    }
}
