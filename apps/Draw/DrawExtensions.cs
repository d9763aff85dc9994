using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Sockets;

namespace Starling.Apps.Draw;

/// <summary>Adds the drawing board to an application.</summary>
public static class DrawExtensions
{
    /// <summary>Registers the boards and how their messages are serialised.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="path">The file in which the boards are kept.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddDraw(this IServiceCollection services, string path)
    {
        services.AddSingleton(provider => new DrawStore(path, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<BoardTable>();
        services.AddSingleton<DrawServer>();
        services.Configure<SocketIOOptions>(static options => options.JsonSerializerOptions.TypeInfoResolverChain.Insert(0, DrawJson.Default));
        return services;
    }

    /// <summary>Serves the boards in namespace <c>/draw</c>.</summary>
    /// <param name="io">The Socket.IO server.</param>
    /// <param name="services">The application's services.</param>
    /// <returns>The same server.</returns>
    public static SocketIOServer MapDraw(this SocketIOServer io, IServiceProvider services)
    {
        services.GetRequiredService<DrawServer>().Map(io.Of("/draw"));
        return io;
    }
}
