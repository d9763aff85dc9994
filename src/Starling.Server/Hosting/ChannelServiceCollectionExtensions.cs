using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Server.Backplane;
using Starling.Server.Channels;
using Starling.Server.Diagnostics;
using Starling.Server.Presence;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers channels.</summary>
public static class ChannelServiceCollectionExtensions
{
    /// <summary>
    /// Adds channels: <see cref="IChannelPublisher"/>, <see cref="IChannelSubscriber"/>, <see cref="IPresence"/>, and what
    /// <see cref="ChannelEndpointRouteBuilderExtensions.MapChannels"/> needs.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddChannels(this IServiceCollection services, Action<ChannelOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddRouting();
        services.AddMetrics();
        services.AddAuthorization();
        services.AddOptions<ChannelOptions>().Configure(options => configure?.Invoke(options));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ChannelMetrics>();
        services.TryAddSingleton<IBackplane>(_ => new InMemoryBackplane());
        services.TryAddSingleton<ClusterPresence>();
        services.TryAddSingleton<IPresence>(provider => provider.GetRequiredService<ClusterPresence>());
        services.TryAddSingleton(CreateHub);
        services.TryAddSingleton<IChannelPublisher>(provider => provider.GetRequiredService<ChannelHub>());
        services.TryAddSingleton<IChannelSubscriber>(provider => provider.GetRequiredService<ChannelHub>());
        return services;
    }

    private static ChannelHub CreateHub(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ChannelOptions>>().Value;
        var failures = options.Check().ToList();
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(Microsoft.Extensions.Options.Options.DefaultName, typeof(ChannelOptions), failures);
        }

        options.ResourceIdentifier ??= ChannelEndpointRouteBuilderExtensions.DefaultResourceIdentifier(ChannelEndpointRouteBuilderExtensions.DefaultPath);
        return new ChannelHub(
            options, options.ResourceIdentifier, services.GetRequiredService<IBackplane>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ChannelMetrics>(), services.GetRequiredService<ILogger<ChannelHub>>());
    }
}
