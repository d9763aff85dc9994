using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Starling.Worker.Handing;

/// <summary>
/// An address at which the supervisor accepts; its connections come one by one. A transport of sockets that takes end points which bring their connections
/// themselves, as sequences of sockets, may listen on it.
/// </summary>
/// <param name="address">The address, for people.</param>
internal sealed class HandedEndPoint(string address) : EndPoint, IAsyncEnumerable<Socket>
{
    private readonly Channel<Socket> _sockets = Channel.CreateUnbounded<Socket>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Adds a connection. One that comes when nobody listens any more is closed.</summary>
    public void Add(Socket socket)
    {
        if (!_sockets.Writer.TryWrite(socket))
        {
            socket.Dispose();
        }
    }

    /// <summary>Ends the sequence, after what has come.</summary>
    public void Complete() => _sockets.Writer.TryComplete();

    public IAsyncEnumerator<Socket> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        _sockets.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    public override string ToString() => address;
}
