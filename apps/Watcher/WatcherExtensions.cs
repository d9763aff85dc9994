using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Starling.Apps.Watcher.Access;
using Starling.Apps.Watcher.Visiting;
using Starling.Apps.Watcher.Watching;

namespace Starling.Apps.Watcher;

/// <summary>Adds the two sides of the watcher to applications. Both need <c>UseStarlingWorker</c>.</summary>
public static class WatcherExtensions
{
    private const string Api = "/watcher/api";
    private static readonly TimeSpan StreamTime = TimeSpan.FromMinutes(5);

    /// <summary>Registers the side that visitors connect to.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">Limits; null for the usual ones.</param>
    public static IServiceCollection AddWatcherWorker(this IServiceCollection services, WatcherOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options ?? new WatcherOptions());
        services.AddSingleton<VisitorTable>();
        services.AddSingleton<VisitorEndpoint>();
        services.AddHostedService<Reporter>();
        return services;
    }

    /// <summary>Takes visitors' moves by WebSocket. Needs <c>UseWebSockets</c>.</summary>
    /// <param name="endpoints">The application's routes.</param>
    public static IEndpointRouteBuilder MapWatcherWorker(this IEndpointRouteBuilder endpoints)
    {
        var endpoint = endpoints.ServiceProvider.GetRequiredService<VisitorEndpoint>();
        endpoints.Map(VisitorEndpoint.Path, (RequestDelegate)endpoint.HandleAsync);
        return endpoints;
    }

    /// <summary>Registers the side that collects and shows, with the channels that it publishes to.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="accessFile">File in which the password's hash and the sessions are kept.</param>
    /// <param name="password">The admin's password; null for that of the last time, or else a new one.</param>
    /// <param name="onGenerated">Told a new password, which is not kept anywhere.</param>
    /// <param name="options">Limits; null for the usual ones.</param>
    public static IServiceCollection AddWatcherMaster(
        this IServiceCollection services, string accessFile, string? password, Action<string> onGenerated, WatcherOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options ?? new WatcherOptions());
        services.AddSingleton(provider => OpenAccess(provider, accessFile, password, onGenerated));
        services.AddSingleton<AttemptLimit>();
        services.AddSingleton<AdminApi>();
        services.AddSingleton<Watch>();
        services.AddHostedService<ReportReader>();
        services.AddHostedService<WatchPublisher>();
        services.AddChannels(channels =>
        {
            channels.AllowAnonymousSubscribers = false;
            channels.SubscribePolicy = SessionHandler.Policy;
            channels.Subscriptions = false;
            channels.MaxHistoryCountPerTopic = 200;

            // A stream that goes on would outlive a sign-out; a new one asks who it is.
            channels.MaxConnectionLifetime = StreamTime;
        });
        services.AddAuthentication(SessionHandler.SchemeName).AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, null);
        services.AddAuthorizationBuilder().AddPolicy(SessionHandler.Policy, policy => policy.RequireAuthenticatedUser());
        return services;
    }

    /// <summary>Serves the admin's API and event stream. Needs <c>UseAuthentication</c> and <c>UseAuthorization</c>.</summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <exception cref="IOException">The file of the password cannot be used.</exception>
    public static IEndpointRouteBuilder MapWatcherMaster(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.ServiceProvider.GetRequiredService<AdminApi>();
        endpoints.MapPost(Api + "/session", (RequestDelegate)api.SignInAsync);
        endpoints.MapDelete(Api + "/session", (RequestDelegate)api.SignOutAsync);
        endpoints.MapGet(Api + "/state", (RequestDelegate)api.ViewAsync).RequireAuthorization(SessionHandler.Policy);
        endpoints.MapChannels();
        return endpoints;
    }

    private static AdminAccess OpenAccess(IServiceProvider services, string accessFile, string? password, Action<string> onGenerated)
    {
        var (access, generated) = AdminAccess.Open(
            accessFile, password, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<AdminAccess>>());
        if (generated is not null)
        {
            onGenerated(generated);
        }

        return access;
    }
}
