using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Starling.Server.Transports.Detaching;
using Starling.Server.Transports.WebSockets;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Prepares Kestrel for many long-lived connections.</summary>
public static class StarlingWebHostBuilderExtensions
{
    /// <summary>
    /// Puts a transport under Kestrel that frees the HTTP request of a WebSocket, and all that Kestrel keeps for its connection, once the
    /// handshake is done. Messages then pass between the WebSocket and its socket without pipes and loops between.
    /// Middleware, authentication and authorisation see the handshake as always; they see it end when the connection has become a WebSocket.
    /// Serves all TCP addresses. WebSockets under Kestrel's own TLS are served as without this call; those behind a proxy that ends TLS gain.
    /// </summary>
    /// <param name="builder">The web host.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The same web host.</returns>
    /// <remarks>
    /// Kestrel's limits and metrics of connections count such a WebSocket until its handshake is done; to limit them use
    /// <c>MaxSessions</c>. Of Kestrel's <c>SocketTransportOptions</c> the transport takes <c>Backlog</c>, <c>NoDelay</c>,
    /// <c>MaxReadBufferSize</c> and <c>CreateBoundListenSocket</c>.
    /// </remarks>
    public static IWebHostBuilder UseLeanWebSockets(
        this IWebHostBuilder builder, Action<LeanWebSocketOptions>? configure = null) => builder.ConfigureServices(services =>
    {
        services.AddOptions<LeanWebSocketOptions>().Configure(options => configure?.Invoke(options));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
    });
}
