using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Starling.Apps.Cache.Routing;
using Starling.Server.Hosting;

namespace Starling.Apps.Cache.Http;

/// <summary>The cache over HTTP.</summary>
internal sealed class HttpDoor : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpDoor(WebApplication app) => _app = app;

    public IPEndPoint EndPoint => IPEndPoint.Parse(new Uri(_app.Urls.Single()).Authority);

    /// <exception cref="IOException">The address cannot be used.</exception>
    public static async Task<HttpDoor> OpenAsync(
        IPEndPoint endPoint, Router router, CacheOptions options, Action stop, ILogger logger, CancellationToken cancellationToken)
    {
        // Without the settings of other programs: those in the current folder and in the environment are not for this door.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(endPoint);
        });
        var app = builder.Build();
        var guarded = new OriginGuardOptions { AllowedHosts = [.. options.HttpHosts], HostHint = "name the host with --http-host" };
        var commands = new HttpCommands(router, new OriginGuard(guarded), stop, logger);
        app.Run(commands.HandleAsync);
        await app.StartAsync(cancellationToken);
        return new HttpDoor(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
