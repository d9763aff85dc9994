using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Starling.Apps.Editor.History;
using Starling.Apps.Editor.Library;
using Starling.Documents.Hosting;

namespace Starling.Apps.Editor;

/// <summary>Adds the editor to an application.</summary>
public static class EditorExtensions
{
    private const string Api = "/editor/api";

    /// <summary>Registers the editor, with documents of its own; the builder says where they are kept.</summary>
    /// <param name="services">The application's services.</param>
    /// <returns>The documents' builder.</returns>
    public static DocumentsBuilder AddEditor(this IServiceCollection services)
    {
        services.AddMemoryCache();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DocumentLibrary>();
        services.AddSingleton<TextHistory>();
        services.AddSingleton<People>();
        services.AddSingleton<EditorApi>();
        services.AddSingleton<EditedMarks>();
        services.AddHostedService(provider => provider.GetRequiredService<EditedMarks>());
        return services.AddDocuments(options => options.Authorize = Authorize);
    }

    /// <summary>Serves ShareDB's protocol at <c>/editor/api/sharedb</c> and the rest of the editor's API under <c>/editor/api</c>.</summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <returns>The same routes.</returns>
    public static IEndpointRouteBuilder MapEditor(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var middleware = services.GetRequiredService<IOptions<DocumentsOptions>>().Value.Middleware;
        middleware.AfterWrite.Use(services.GetRequiredService<EditedMarks>().Note);
        middleware.ReceivePresence.Use(PresenceRules.Check);
        var api = services.GetRequiredService<EditorApi>();
        const string One = Api + "/documents/{name}";
        endpoints.MapShareDb(Api + "/sharedb").Add(AddSignIn);
        Map(endpoints, "GET", Api + "/me", api.MeAsync);
        Map(endpoints, "PUT", Api + "/me", api.SetMeAsync);
        Map(endpoints, "POST", Api + "/documents", api.CreateAsync);
        Map(endpoints, "GET", One, api.FindAsync);
        Map(endpoints, "PATCH", One, api.RenameAsync);
        Map(endpoints, "DELETE", One, api.DeleteAsync);
        Map(endpoints, "GET", One + "/changes", api.ChangesAsync);
        Map(endpoints, "GET", One + "/versions/{version}", api.VersionAsync);
        Map(endpoints, "GET", One + "/export.{format}", api.ExportAsync);
        return endpoints;
    }

    private static void Map(IEndpointRouteBuilder endpoints, string method, string pattern, RequestDelegate handler) =>
        endpoints.MapMethods(pattern, [method], (RequestDelegate)(async context =>
        {
            try
            {
                await handler(context);
            }
            catch (EditorException refusal)
            {
                await EditorApi.RefuseAsync(context, refusal);
            }
        })).Add(AddSignIn);

    private static void AddSignIn(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context =>
        {
            Visitor.SignIn(context);
            return next(context);
        };
    }

    // Texts are there to be edited; creating, renaming and deleting goes through the API, which keeps lists and names in step.
    private static ValueTask<bool> Authorize(DocumentAccess access, CancellationToken cancellationToken) => new(access.Collection switch
    {
        Collections.Texts => access.Kind is AccessKind.Read or AccessKind.Edit or AccessKind.Presence,
        Collections.Entries or Collections.People => access.Kind is AccessKind.Read or AccessKind.Query,
        _ => false,
    });
}
