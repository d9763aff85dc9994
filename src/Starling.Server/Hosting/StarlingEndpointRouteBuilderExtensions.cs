using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Server.Backplane;
using Starling.Server.Diagnostics;
using Starling.Server.Sessions;
using Starling.Server.Sockets;
using Starling.Server.Sockets.Client;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts the real-time servers at their paths.</summary>
public static class StarlingEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves Socket.IO. May be called several times, with different paths, for servers that know nothing of each other. From then on the
    /// application's services have the server as a <see cref="SocketIOServer"/>, where there are several as keyed services with their paths as keys.
    /// </summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <param name="path">Where clients connect; <c>/socket.io</c> is their default.</param>
    /// <param name="configure">Changes the settings of this server only.</param>
    /// <returns>The server.</returns>
    /// <exception cref="OptionsValidationException">A setting cannot work; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException"><c>AddSocketIO</c> was not called.</exception>
    public static SocketIOServer MapSocketIO(
        this IEndpointRouteBuilder endpoints, string path = "/socket.io", Action<SocketIOOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        var options = CreateOptions(services, configure);
        var engine = MapEngine(endpoints, path, options);
        var server = new SocketIOServer(
            options, engine, services.GetRequiredService<IBackplane>(), services.GetRequiredService<IServiceScopeFactory>(),
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ServerMetrics>(),
            services.GetRequiredService<ILogger<SocketIOServer>>());
        services.GetRequiredService<SocketIOServers>().Add(path, server);
        if (options.ServeClient)
        {
            ClientFiles.Map(endpoints, path, options.Cors);
        }

        return server;
    }

    /// <summary>Serves Engine.IO alone: messages of text and bytes over polling and WebSocket, without events, rooms and namespaces.</summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <param name="path">Where clients connect; <c>/engine.io</c> is their default.</param>
    /// <param name="configure">Changes the settings of this server only.</param>
    /// <returns>The server; call its <see cref="EngineIOServer.OnSession"/>.</returns>
    /// <exception cref="OptionsValidationException">A setting cannot work; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException"><c>AddEngineIO</c> was not called.</exception>
    public static EngineIOServer MapEngineIO(
        this IEndpointRouteBuilder endpoints, string path = "/engine.io", Action<EngineIOOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return MapEngine(endpoints, path, CreateOptions(endpoints.ServiceProvider, configure));
    }

    private static EngineIOServer MapEngine(IEndpointRouteBuilder endpoints, string path, EngineIOOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var services = endpoints.ServiceProvider;
        var engine = new EngineIOServer(
            options, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ServerMetrics>(),
            services.GetRequiredService<ILogger<EngineIOServer>>());
        RequestDelegate handler = engine.HandleAsync;

        // Clients are programs: one that must sign in is answered 401, not sent to a page.
        engine.Endpoint = endpoints.Map(path.TrimEnd('/') + "/{**rest}", handler).WithDisplayName(path).DisableCookieRedirect();

        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStopping.Register(engine.Drain);
        lifetime.ApplicationStopped.Register(engine.Dispose);
        return engine;
    }

    // Every server gets an object of its own, so that what one is given does not change another.
    private static TOptions CreateOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        IServiceProvider services, Action<TOptions>? configure)
        where TOptions : EngineIOOptions
    {
        var factory = services.GetService<IOptionsFactory<TOptions>>();
        if (factory is null || services.GetService<ServerMetrics>() is null)
        {
            throw new InvalidOperationException(
                $"Call builder.Services.Add{(typeof(TOptions) == typeof(EngineIOOptions) ? "EngineIO" : "SocketIO")}() before the application is built.");
        }

        var options = factory.Create(Options.DefaultName);
        configure?.Invoke(options);
        var failures = options.Check().ToList();
        return failures.Count == 0 ? options : throw new OptionsValidationException(Options.DefaultName, typeof(TOptions), failures);
    }
}
