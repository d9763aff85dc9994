using Microsoft.Extensions.Hosting;
using Starling.Server.Sockets;

namespace Starling.Server.Hosting;

/// <summary>
/// Lets the host's end wait for the Socket.IO servers: until their clients have gone, before the web server stops, and, when all has
/// stopped, until another node has taken over the sockets of clients that have not come back yet.
/// </summary>
internal sealed class RecoveryService(SocketIOServers servers, IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // The servers drain at this sign, which a host that was told to stop otherwise than by a signal gives only after this step.
        lifetime.StopApplication();
        await Task.WhenAll(servers.All.Select(server => server.Engine.WhenGoneAsync(cancellationToken)))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(servers.All.Select(server => server.HandOverAsync(cancellationToken)));
}
