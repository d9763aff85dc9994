using System.Collections.Concurrent;
using System.Text.Json;

namespace Starling.Conformance.Server.Documents;

/// <summary>
/// Serves ShareDB's own tests: each address <c>?ns=NAME&amp;cfg=JSON</c> is a server of its own, made when it is first asked for.
/// </summary>
public static class DocumentsServer
{
    /// <summary>Prepares the server.</summary>
    public static Action<WebApplication> Configure(WebApplicationBuilder builder)
    {
        var instances = new ConcurrentDictionary<string, Lazy<DocumentInstance>>(StringComparer.Ordinal);
        return app => app.Map("/", context =>
        {
            var text = context.Request.Query["cfg"].ToString();
            var settings = text.Length == 0 ? new InstanceSettings() : JsonSerializer.Deserialize<InstanceSettings>(text)!;
            var instance = instances.GetOrAdd(
                context.Request.Query["ns"].ToString(), _ => new Lazy<DocumentInstance>(() => new DocumentInstance(settings, app.Services)));
            instance.Value.Change(settings);
            return instance.Value.Handler(context);
        });
    }

    /// <summary>
    /// Prepares one server that keeps its documents in memory. The setting <c>operations</c> says how many operations per second a client may
    /// submit; <c>/memory</c> answers the bytes that are in use after a full collection.
    /// </summary>
    public static Action<WebApplication> ConfigureMemory(WebApplicationBuilder builder)
    {
        builder.Services.AddDocuments().AddTypes();
        return app => Map(app, builder.Configuration);
    }

    /// <summary>Prepares the same with documents in the SQLite file named by the setting <c>database</c>.</summary>
    public static Action<WebApplication> ConfigureSqlite(WebApplicationBuilder builder)
    {
        var path = builder.Configuration["database"] ?? throw new InvalidOperationException("--database PATH is missing.");
        builder.Services.AddDocuments().AddTypes().UseSqlite(path);
        return app => Map(app, builder.Configuration);
    }

    private static void Map(WebApplication app, IConfiguration configuration)
    {
        app.MapShareDb("/", options => options.MaxOperationsPerSecond = configuration.GetValue("operations", 100_000));
        app.MapGet("/memory", () => GC.GetTotalMemory(forceFullCollection: true));
    }
}
