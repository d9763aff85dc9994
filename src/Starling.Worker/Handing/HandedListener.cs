using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Starling.Worker.Handing;

/// <summary>Gives Kestrel the connections that the supervisor hands over.</summary>
internal sealed class HandedListener(HandedEndPoint endPoint, SocketConnectionContextFactory connections) : IConnectionListener
{
    private readonly IAsyncEnumerator<Socket> _sockets = endPoint.GetAsyncEnumerator();

    public EndPoint EndPoint => endPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _sockets.MoveNextAsync())
        {
            try
            {
                return connections.Create(_sockets.Current);
            }
            catch (SocketException)
            {
                // The client left before it was accepted.
                _sockets.Current.Dispose();
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        endPoint.Complete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        endPoint.Complete();
        connections.Dispose();
        return ValueTask.CompletedTask;
    }
}
