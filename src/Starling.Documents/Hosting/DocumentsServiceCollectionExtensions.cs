using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Documents.Diagnostics;
using Starling.Documents.History;
using Starling.Documents.Hosting;
using Starling.Documents.Presence;
using Starling.Documents.Storage;
using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;
using Starling.Ot;
using Starling.Ot.Json;
using Starling.Ot.RichText;
using Starling.Ot.Text;
using Starling.Server.Backplane;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers collaborative documents.</summary>
public static class DocumentsServiceCollectionExtensions
{
    /// <summary>
    /// Adds collaborative documents of the types rich-text, json0 and text-unicode, kept in memory until the builder is told otherwise. <see cref="IDocumentService"/> and
    /// <see cref="IDocumentHistory"/> are for the application's own code; <c>MapShareDb</c> opens them to clients.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>A builder for more types and the store.</returns>
    public static DocumentsBuilder AddDocuments(this IServiceCollection services, Action<DocumentsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddRouting();
        services.AddMetrics();
        services.AddOptions<DocumentsOptions>().Configure(options => configure?.Invoke(options));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DocumentsOptions>, DocumentsOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IBackplane>(_ => new InMemoryBackplane());
        services.TryAddSingleton<IDocumentStore, MemoryDocumentStore>();
        services.TryAddEnumerable([
            ServiceDescriptor.Singleton<IOtType>(new RichTextType()),
            ServiceDescriptor.Singleton<IOtType>(new Json0Type()),
            ServiceDescriptor.Singleton<IOtType>(new TextUnicodeType()),
        ]);
        services.TryAddSingleton<DocumentMetrics>();
        services.TryAddSingleton(Engine);
        services.TryAddSingleton<HistoryReader>();
        services.TryAddSingleton<Undoing>();
        services.TryAddSingleton(provider => new AccessControl(provider.GetRequiredService<IOptions<DocumentsOptions>>().Value));
        services.TryAddSingleton(provider => new SnapshotGate(provider.GetRequiredService<IOptions<DocumentsOptions>>().Value));
        services.TryAddSingleton(provider => new PresenceHub(
            provider.GetRequiredService<IBackplane>(), provider.GetRequiredService<ILogger<PresenceHub>>()));
        services.TryAddSingleton<IDocumentService, DocumentService>();
        services.TryAddSingleton<IDocumentHistory, DocumentHistory>();
        return new DocumentsBuilder(services);
    }

    private static DocumentEngine Engine(IServiceProvider provider)
    {
        var relay = new OperationRelay(provider.GetRequiredService<IBackplane>());
        return new DocumentEngine(new DocumentServices(
            provider.GetRequiredService<IDocumentStore>(),
            new DocumentTypes(provider.GetServices<IOtType>()),
            provider.GetRequiredService<IOptions<DocumentsOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            relay,
            new CollectionFeeds(relay),
            provider.GetRequiredService<DocumentMetrics>(),
            provider.GetRequiredService<ILogger<DocumentEngine>>()));
    }
}
