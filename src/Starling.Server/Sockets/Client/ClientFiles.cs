using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Starling.Server.Transports;

namespace Starling.Server.Sockets.Client;

/// <summary>The browser client of Socket.IO that is embedded in this assembly, from the npm package <c>socket.io-client</c>.</summary>
internal static class ClientFiles
{
    private const string Prefix = "client/";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>All files; none in an assembly that was built without Node.js.</summary>
    public static IReadOnlyList<ClientFile> All { get; } =
    [
        .. typeof(ClientFiles).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => new ClientFile(name[Prefix.Length..], () => typeof(ClientFiles).Assembly.GetManifestResourceStream(name)!)),
    ];

    /// <summary>Serves the files below the path of a Socket.IO server.</summary>
    public static void Map(IEndpointRouteBuilder endpoints, string path, CorsPolicy? cors)
    {
        foreach (var file in All)
        {
            RequestDelegate handler = cors is null ? file.WriteAsync : context => WriteAsync(context, file, cors);
            endpoints.MapMethods($"{path.TrimEnd('/')}/{file.Name}", Methods, handler).WithDisplayName(file.Name);
        }
    }

    private static async Task WriteAsync(HttpContext context, ClientFile file, CorsPolicy cors)
    {
        if (!await CrossOrigin.HandleAsync(cors, context))
        {
            await file.WriteAsync(context);
        }
    }
}
