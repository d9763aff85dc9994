using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Documents.Diagnostics;
using Starling.Documents.History;
using Starling.Documents.Hosting;
using Starling.Documents.Presence;
using Starling.Documents.ShareDb;
using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Opens documents to clients.</summary>
public static class DocumentsEndpointRouteBuilderExtensions
{
    /// <summary>Serves ShareDB's protocol (1.2) over WebSocket: clients of the npm package <c>sharedb</c> connect to this path.</summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <param name="path">Where clients connect.</param>
    /// <param name="configure">Changes the settings of this endpoint.</param>
    /// <returns>The endpoint, for example to require authorisation.</returns>
    /// <exception cref="OptionsValidationException">A setting cannot work; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException"><c>AddDocuments</c> was not called.</exception>
    public static IEndpointConventionBuilder MapShareDb(
        this IEndpointRouteBuilder endpoints, string path = "/sharedb", Action<ShareDbOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var services = endpoints.ServiceProvider;
        if (services.GetService<DocumentEngine>() is not { } engine)
        {
            throw new InvalidOperationException("Call builder.Services.AddDocuments() before the application is built.");
        }

        var options = new ShareDbOptions();
        configure?.Invoke(options);
        if (options.Check().ToList() is { Count: > 0 } failures)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(ShareDbOptions), failures);
        }

        var endpoint = new ShareDbEndpoint(new ShareDbServer(
            options, engine, services.GetRequiredService<HistoryReader>(), services.GetRequiredService<AccessControl>(),
            services.GetRequiredService<SnapshotGate>(), services.GetRequiredService<PresenceHub>(), services,
            services.GetRequiredService<DocumentMetrics>(), services.GetRequiredService<ILogger<ShareDbServer>>()));
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStopping.Register(endpoint.Drain);
        lifetime.ApplicationStopped.Register(endpoint.Dispose);
        RequestDelegate handler = endpoint.HandleAsync;
        return endpoints.Map(path, handler).WithDisplayName("ShareDB " + path).DisableCookieRedirect();
    }
}
