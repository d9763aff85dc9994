using Microsoft.Extensions.Hosting;

namespace Starling.Cluster.Hosting;

/// <summary>Joins the cluster before anything of the application starts, listening to clients included.</summary>
internal sealed class ClusterStart(LocalBackplane backplane) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => backplane.JoinAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
