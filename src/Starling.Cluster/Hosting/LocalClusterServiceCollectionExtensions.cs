using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Starling.Cluster;
using Starling.Cluster.Hosting;
using Starling.Server.Backplane;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the cluster of processes on one machine.</summary>
public static class LocalClusterServiceCollectionExtensions
{
    /// <summary>
    /// Makes the application's processes on this machine a cluster: broadcasts, channels, presence and documents reach the clients of all of them. They
    /// find each other in the folder that the environment variable <c>STARLING_CLUSTER</c> names, which <c>starling start</c> sets; without it, and
    /// without <see cref="LocalClusterOptions.Folder"/>, the process is alone. May stand before or after the services that need it. The variable is removed from the
    /// environment.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddLocalCluster(this IServiceCollection services, Action<LocalClusterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var folder = ClusterVariable.Take();
        services.AddOptions<LocalClusterOptions>().Configure(options =>
        {
            options.Folder ??= folder;
            configure?.Invoke(options);
        });
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LocalBackplane>();
        services.RemoveAll<IBackplane>();
        services.AddSingleton<IBackplane>(static provider => provider.GetRequiredService<LocalBackplane>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ClusterStart>());
        return services;
    }
}
