using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Starling.Messaging.Links;

namespace Starling.Messaging.Hosting;

/// <summary>Serves connections that Kestrel has accepted, at an endpoint of the web server's own configuration.</summary>
internal sealed class MessagingConnectionHandler(RpcServer server) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
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
        await server.ServeAsync(link, lifetime?.ConnectionClosedRequested ?? CancellationToken.None);
        _ = CutAsync(connection);
    }

    /// <summary>
    /// The transport goes on sending what it has, and would do so for ever to a peer that reads no more, for example because it was stopped: the web server would wait for it when
    /// it stops itself.
    /// </summary>
    private async Task CutAsync(ConnectionContext connection)
    {
        var options = server.Context.Options;
        var closed = connection.ConnectionClosed;
        await Task.Delay(options.CloseTimeout, options.TimeProvider, closed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!closed.IsCancellationRequested)
        {
            connection.Abort(new ConnectionAbortedException("The peer does not read what it was sent."));
        }
    }
}
