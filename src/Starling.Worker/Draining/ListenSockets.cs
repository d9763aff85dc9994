using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Starling.Worker.Draining;

/// <summary>
/// Knows the sockets on which transports listen, so that they can be closed while connections go on. All transports over sockets get theirs by
/// this setting, so it does not matter which one is used, nor in what order they are registered.
/// </summary>
internal sealed class ListenSockets : IPostConfigureOptions<SocketTransportOptions>
{
    private readonly Lock _gate = new();
    private readonly List<Socket> _sockets = [];
    private bool _closed;

    public void PostConfigure(string? name, SocketTransportOptions options)
    {
        var create = options.CreateBoundListenSocket;
        options.CreateBoundListenSocket = endPoint =>
        {
            var socket = create(endPoint);
            lock (_gate)
            {
                if (!_closed)
                {
                    _sockets.Add(socket);
                    return socket;
                }
            }

            socket.Dispose();
            throw new OperationCanceledException("The worker ends, so it does not begin to listen.");
        };
    }

    /// <summary>
    /// Ends accepting. A passed socket itself stays open, for it is shared: connections that wait in it are accepted by other workers.
    /// </summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var socket in _sockets)
            {
                socket.Dispose();
            }

            _sockets.Clear();
        }
    }
}
