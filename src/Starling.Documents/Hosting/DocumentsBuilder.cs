using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Starling.Documents.Storage;
using Starling.Ot;

namespace Starling.Documents.Hosting;

/// <summary>Adds what documents are made of.</summary>
public sealed class DocumentsBuilder
{
    internal DocumentsBuilder(IServiceCollection services)
    {
        Services = services;
    }

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds an OT type; one of the same name or URI as another, also a built-in one, takes its place.</summary>
    /// <param name="type">The type.</param>
    /// <returns>The same builder.</returns>
    public DocumentsBuilder AddType(IOtType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        Services.AddSingleton(type);
        return this;
    }

    /// <summary>Keeps documents elsewhere than in memory.</summary>
    /// <param name="create">Makes the store; it is disposed of with the application if it can be.</param>
    /// <returns>The same builder.</returns>
    public DocumentsBuilder UseStore(Func<IServiceProvider, IDocumentStore> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.Replace(ServiceDescriptor.Singleton(create));
        return this;
    }
}
