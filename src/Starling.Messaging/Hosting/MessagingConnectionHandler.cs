using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Starling.Messaging.Links;

namespace Starling.Messaging.Hosting;

/// <summary>Serves connections that Kestrel has accepted, at an endpoint of the web server's own configuration.</summary>
internal sealed class MessagingConnectionHandler(RpcServer server) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        var transport = connection.Transport;
        var link = new Link(
            transport,
            connection.RemoteEndPoint?.ToString() ?? connection.ConnectionId,
            () => transport.Output.CompleteAsync(),
            () =>
            {
                transport.Output.Complete();
                transport.Input.CancelPendingRead();
            });

        // The web server waits for its connections when it stops, and says so only here.
        var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        return server.ServeAsync(link, lifetime?.ConnectionClosedRequested ?? CancellationToken.None);
    }
}
