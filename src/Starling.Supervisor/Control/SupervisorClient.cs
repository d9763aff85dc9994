using Starling.Messaging;

namespace Starling.Supervisor.Control;

/// <summary>A connection to the daemon of a folder.</summary>
public sealed class SupervisorClient : IAsyncDisposable
{
    /// <summary>A reload of many workers with long drains takes its time.</summary>
    internal static readonly TimeSpan LongestCall = TimeSpan.FromHours(1);

    private readonly RpcClient _client;

    private SupervisorClient(RpcClient client)
    {
        _client = client;
        Supervisor = client.GetService<ISupervisor>(LongestCall);
    }

    /// <summary>The daemon's supervisor. Calls throw <see cref="RpcException"/> when something cannot be done, and <see cref="ConnectionLostException"/> when the daemon is gone.</summary>
    public ISupervisor Supervisor { get; }

    /// <summary>Connects; null when no daemon runs in the folder.</summary>
    /// <exception cref="IOException">The control socket is there but may not be used.</exception>
    public static async Task<SupervisorClient?> TryConnectAsync(SupervisorFolder folder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!File.Exists(folder.ControlSocket))
        {
            return null;
        }

        try
        {
            var options = new MessagingOptions { Reconnect = false, ConnectTimeout = TimeSpan.FromSeconds(1), CallTimeout = LongestCall };
            return new SupervisorClient(await RpcClient.ConnectAsync("unix://" + folder.ControlSocket, options: options, cancellationToken: cancellationToken));
        }
        catch (Exception exception) when (exception is ConnectionLostException or TimeoutException or IOException or System.Net.Sockets.SocketException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
