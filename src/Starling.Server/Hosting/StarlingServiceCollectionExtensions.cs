using Microsoft.Extensions.DependencyInjection.Extensions;
using Starling.Server.Backplane;
using Starling.Server.Diagnostics;
using Starling.Server.Hosting;
using Starling.Server.Sessions;
using Starling.Server.Sockets;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the real-time server.</summary>
public static class StarlingServiceCollectionExtensions
{
    /// <summary>Adds what <c>MapSocketIO</c> needs, and gives the server that this makes to whoever asks for a <see cref="SocketIOServer"/>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the settings of every Socket.IO server of the application.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddSocketIO(this IServiceCollection services, Action<SocketIOOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddServerCore();
        services.AddOptions<SocketIOOptions>().Configure(options => configure?.Invoke(options));
        services.TryAddTransient(static provider => provider.GetRequiredService<SocketIOServers>().Only);
        services.TryAddKeyedTransient(KeyedService.AnyKey, static (provider, path) => provider.GetRequiredService<SocketIOServers>().At($"{path}"));
        return services;
    }

    /// <summary>Adds what <c>MapEngineIO</c> needs.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the settings of every Engine.IO server of the application.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddEngineIO(this IServiceCollection services, Action<EngineIOOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddServerCore();
        services.AddOptions<EngineIOOptions>().Configure(options => configure?.Invoke(options));
        return services;
    }

    private static void AddServerCore(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddCors();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ServerMetrics>();
        services.TryAddSingleton<SocketIOServers>();
        services.AddHostedService<RecoveryService>();
        services.TryAddSingleton<IBackplane>(_ => new InMemoryBackplane());
    }
}
