using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Messaging.NodeIpc;
using Starling.Protocol;
using Starling.Worker.Draining;
using Starling.Worker.Handing;
using Starling.Worker.Supervision;

namespace Starling.Worker;

/// <summary>Makes an ASP.NET Core application a worker.</summary>
public static class StarlingWorkerExtensions
{
    /// <summary>
    /// Lets the application be started and replaced by a supervisor, Starling's or systemd: it listens on the sockets that it is passed, says when
    /// it is ready, and at SIGTERM, SIGINT or the message <c>"shutdown"</c> it finishes what it has begun before it ends. Started otherwise,
    /// it only drains.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <exception cref="InvalidOperationException">The environment says what cannot be, for instance a descriptor that is no listening socket.</exception>
    /// <exception cref="NodeChannelException">The IPC channel of the environment cannot be used.</exception>
    public static IHostApplicationBuilder UseStarlingWorker(this IHostApplicationBuilder builder, Action<StarlingWorkerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var optionsBuilder = services.AddOptions<StarlingWorkerOptions>()
            .Validate(static options => TimerLimits.IsPositive(options.DrainTimeout), "DrainTimeout must be more than zero and at most 49 days.")
            .Validate(static options => options.IdleTimeout >= TimeSpan.Zero && options.IdleTimeout <= TimerLimits.Longest, "IdleTimeout must not be negative, and at most 49 days.")
            .ValidateOnStart();
        if (configure is not null)
        {
            optionsBuilder.Configure(configure);
        }

        if (services.Any(static service => service.ServiceType == typeof(WorkerEnvironment)))
        {
            return builder;
        }

        var environment = WorkerEnvironment.Take();
        var dropped = new DroppedMessages();
        var channel = NodeChannel.FromEnvironment(new NodeChannelOptions { Dropped = dropped.Add });
        services.AddSingleton(environment);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<OpenConnections>();
        services.AddSingleton<ListenSockets>();
        services.AddSingleton<IPostConfigureOptions<SocketTransportOptions>>(static provider => provider.GetRequiredService<ListenSockets>());
        services.AddSingleton<IPostConfigureOptions<KestrelServerOptions>, PassedSockets>();
        services.AddSingleton<IStartupFilter, DrainMiddleware>();
        services.AddSingleton<Notifier>();
        services.AddSingleton<HandedConnections>();
        services.AddSingleton<IConnectionListenerFactory, HandedListenerFactory>();
        services.AddSingleton(provider => new WorkerChannel(channel, dropped, provider.GetRequiredService<HandedConnections>(), provider.GetRequiredService<ILogger<WorkerChannel>>()));
        services.AddSingleton<IWorkerChannel>(static provider => provider.GetRequiredService<WorkerChannel>());
        services.AddSingleton<Drain>();
        services.AddSingleton<IStarlingWorker>(static provider => provider.GetRequiredService<Drain>());
        services.AddHostedService<WorkerService>();
        services.Replace(ServiceDescriptor.Singleton<IHostLifetime, WorkerLifetime>());
        services.AddSingleton<IPostConfigureOptions<HostOptions>, ShutdownTimeout>();
        return builder;
    }
}
