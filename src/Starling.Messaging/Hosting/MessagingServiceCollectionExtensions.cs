using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Messaging;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers messaging.</summary>
public static class MessagingServiceCollectionExtensions
{
    /// <summary>Adds messaging: say on the result what is offered, where, and what is used of others.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the settings.</param>
    public static MessagingBuilder AddMessaging(this IServiceCollection services, Action<MessagingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddMetrics();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<MessagingMetrics>();
        services.AddOptions<MessagingOptions>().Configure<ILoggerFactory, TimeProvider, MessagingMetrics>((options, loggers, time, metrics) =>
        {
            options.LoggerFactory = loggers;
            options.TimeProvider = time;
            options.Metrics = metrics;
            configure?.Invoke(options);
        });
        services.TryAddSingleton<ClientSet>();
        services.TryAddSingleton(CreateServer);
        services.AddHostedService<MessagingHost>();
        return new MessagingBuilder(services);
    }

    private static RpcServer CreateServer(IServiceProvider provider)
    {
        var offered = new RpcServices();
        foreach (var add in provider.GetRequiredService<IOptions<MessagingEndpoints>>().Value.Offers)
        {
            add(provider, offered);
        }

        return new RpcServer(offered, provider.GetRequiredService<IOptions<MessagingOptions>>().Value);
    }
}
