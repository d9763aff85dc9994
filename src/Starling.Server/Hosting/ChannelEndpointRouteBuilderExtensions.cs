using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Server.Channels;
using Starling.Server.Channels.Http;
using Starling.Server.Channels.Subscriptions;
using Starling.Server.Diagnostics;
using Starling.Server.Presence;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts channels at their path.</summary>
public static class ChannelEndpointRouteBuilderExtensions
{
    internal const string DefaultPath = "/.well-known/mercure";

    /// <summary>
    /// Serves the channels by the Mercure protocol: event streams, long polling (<c>?poll</c>) and WebSocket for subscribers, POST for
    /// publishers, the subscription API below it, and the hub's metadata.
    /// </summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <param name="path">The hub's path.</param>
    /// <returns>Where conventions such as CORS or rate limits can be added.</returns>
    /// <exception cref="OptionsValidationException">A setting cannot work; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException"><c>AddChannels</c> was not called, or the hub's path was set otherwise before.</exception>
    public static IEndpointConventionBuilder MapChannels(this IEndpointRouteBuilder endpoints, string path = DefaultPath)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var services = endpoints.ServiceProvider;
        if (services.GetService<ChannelMetrics>() is not { } metrics)
        {
            throw new InvalidOperationException("Call builder.Services.AddChannels() before the application is built.");
        }

        path = "/" + path.Trim('/');
        var options = services.GetRequiredService<IOptions<ChannelOptions>>().Value;
        options.ResourceIdentifier ??= DefaultResourceIdentifier(path);
        var hub = services.GetRequiredService<ChannelHub>();
        var registry = new SubscriptionRegistry(options, hub, services.GetRequiredService<ClusterPresence>(), path);
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        var endpoint = new ChannelEndpoint(
            options, hub, registry, path, services.GetRequiredService<TimeProvider>(), metrics,
            services.GetRequiredService<ILogger<ChannelEndpoint>>(), lifetime.ApplicationStopping);
        lifetime.ApplicationStopped.Register(endpoint.Dispose);

        // Clients are programs: one that must sign in is answered 401, not sent to a page.
        endpoints.Map(path + "/subscriptions/{**rest}", (RequestDelegate)endpoint.HandleSubscriptionsAsync)
            .WithDisplayName("Channels: subscriptions").DisableCookieRedirect();
        endpoints.MapGet(ChannelEndpoint.MetadataPath(path), (RequestDelegate)endpoint.HandleMetadataAsync)
            .WithDisplayName("Channels: metadata").DisableCookieRedirect();
        return endpoints.Map(path, (RequestDelegate)endpoint.HandleHubAsync).WithDisplayName("Channels").DisableCookieRedirect();
    }

    internal static string DefaultResourceIdentifier(string path) => "https://localhost" + path;
}
