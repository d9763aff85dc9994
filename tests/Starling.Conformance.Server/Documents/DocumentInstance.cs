using System.Text.Json;
using Microsoft.Extensions.Options;
using Starling.Documents.Hosting;
using Starling.Documents.Subscriptions;

namespace Starling.Conformance.Server.Documents;

/// <summary>A whole document server for one test: its own store, settings and clock.</summary>
internal sealed class DocumentInstance : IEndpointRouteBuilder
{
    public DocumentInstance(InstanceSettings settings, IServiceProvider host)
    {
        var services = new ServiceCollection();
        var clock = new ClientClock();
        services.AddSingleton(host.GetRequiredService<IHostApplicationLifetime>());
        services.AddSingleton(host.GetRequiredService<ILoggerFactory>());
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton<TimeProvider>(clock);
        services.AddDocuments(options =>
            {
                options.MilestoneInterval = settings.MilestoneInterval;
                options.QueryInterval = TimeSpan.Zero;
                options.Middleware.Submit.Use(context => SetClock(clock, context.Extra));
            })
            .AddTypes();
        ServiceProvider = services.BuildServiceProvider();
        this.MapShareDb("/", options =>
        {
            options.Presence = settings.Presence;

            // Tests make up ids, share connections between servers, and are not shy of many operations.
            options.BindSources = false;
            options.MaxOperationsPerSecond = 100_000;
        });
        Handler = DataSources.SelectMany(source => source.Endpoints).Single().RequestDelegate!;
    }

    public RequestDelegate Handler { get; }

    public IServiceProvider ServiceProvider { get; }

    public ICollection<EndpointDataSource> DataSources { get; } = [];

    public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(ServiceProvider);

    /// <summary>Takes over what a test has changed since it last connected.</summary>
    public void Change(InstanceSettings settings)
    {
        var options = ServiceProvider.GetRequiredService<IOptions<DocumentsOptions>>().Value;
        options.RefuseNoOps = settings.RefuseNoOps;
        options.MaxSubmitRetries = settings.MaxSubmitRetries;
        foreach (var added in settings.Projections.ExceptBy(options.Projections.Select(known => known.Name), added => added.Name))
        {
            options.Projections.Add(new Projection(added.Name, added.Collection, added.Fields));
        }
    }

    // Tests that turn their clock send its time along.
    private static void SetClock(ClientClock clock, ReadOnlyMemory<byte> extra)
    {
        if (!extra.IsEmpty && JsonDocument.Parse(extra).RootElement is { ValueKind: JsonValueKind.Object } fields
            && fields.TryGetProperty("$now", out var now))
        {
            clock.Set(now.GetInt64());
        }
    }
}
