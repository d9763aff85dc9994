using Microsoft.AspNetCore.Server.Kestrel.Core;
using Starling.Server.Transports.Detaching;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Prepares Kestrel for many long-lived connections.</summary>
public static class StarlingWebHostBuilderExtensions
{
    /// <summary>
    /// Frees the HTTP request of a WebSocket once its handshake is done, which saves about half of the memory of an idle connection.
    /// Middleware, authentication and authorisation see the handshake as always; they see it end when the connection has become a WebSocket.
    /// Works on connections without TLS, as behind a proxy that ends it; others are served as without this call.
    /// </summary>
    /// <param name="builder">The web host.</param>
    /// <returns>The same web host.</returns>
    /// <remarks>
    /// Uses <see cref="KestrelServerOptions.ConfigureEndpointDefaults"/>; an application that sets endpoint defaults of its own calls
    /// <see cref="UseLeanWebSockets(ListenOptions)"/> there.
    /// </remarks>
    public static IWebHostBuilder UseLeanWebSockets(this IWebHostBuilder builder) =>
        builder.ConfigureKestrel(static options => options.ConfigureEndpointDefaults(static listen => listen.UseLeanWebSockets()));

    /// <summary>The same for one endpoint; to be called before <c>UseHttps</c>.</summary>
    /// <param name="listen">The endpoint.</param>
    /// <returns>The same endpoint.</returns>
    public static ListenOptions UseLeanWebSockets(this ListenOptions listen)
    {
        ArgumentNullException.ThrowIfNull(listen);
        listen.Use(static next => connection => DetachableConnection.RunAsync(connection, next));
        return listen;
    }
}
