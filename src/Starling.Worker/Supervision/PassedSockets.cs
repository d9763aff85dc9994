using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Worker.Draining;
using Starling.Worker.Handing;

namespace Starling.Worker.Supervision;

/// <summary>
/// Lets Kestrel listen on passed sockets, and take connections that are handed over, instead of configured addresses. Kestrel warns itself when URLs are replaced; endpoints of its own
/// section are taken away here.
/// </summary>
internal sealed class PassedSockets(
    WorkerEnvironment environment, HandedConnections handed, OpenConnections connections, IOptions<StarlingWorkerOptions> options, IConfiguration configuration, ILogger<PassedSockets> logger)
    : IPostConfigureOptions<KestrelServerOptions>
{
    private const string Endpoints = "Kestrel:Endpoints";

    public void PostConfigure(string? name, KestrelServerOptions kestrel)
    {
        if (environment.Sockets.Count == 0 && handed.EndPoints.Count == 0)
        {
            return;
        }

        if (configuration.GetSection(Endpoints).GetChildren().Any())
        {
            logger.AddressesReplaced(Endpoints);
            kestrel.Configure();
        }

        foreach (var descriptor in environment.Sockets)
        {
            kestrel.ListenHandle((ulong)descriptor, Configure);
        }

        foreach (var endPoint in handed.EndPoints)
        {
            kestrel.Listen(endPoint, Configure);
        }

        logger.ListeningOnPassed(string.Join(',', environment.Sockets.Select(descriptor => $"{descriptor}").Concat(environment.HandedAddresses)));
    }

    private void Configure(ListenOptions listen)
    {
        // Before TLS, whose handshake is a part of what is not to be cut.
        listen.Use(next => connection =>
        {
            connections.Accept(connection);
            return next(connection);
        });
        options.Value.ConfigureListen?.Invoke(listen);
    }
}
