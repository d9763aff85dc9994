using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Starling.Server.Transports.Detaching;

/// <summary>A connection as the web server sees it: until it closes or, if it is detached, until its HTTP request has ended.</summary>
internal sealed class SocketConnection : DefaultConnectionContext, IMemoryPoolFeature, IConnectionSocketFeature
{
    private readonly DetachableConnection _connection;
    private readonly DetachedConnections _detached;
    private readonly CancellationTokenSource _closed = new();

    public SocketConnection(string id, Socket socket, MemoryPool<byte> memory, PipeOptions options, DetachedConnections detached)
        : base(id)
    {
        Socket = socket;
        MemoryPool = memory;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set<IConnectionSocketFeature>(this);
        _detached = detached;
        Transport = _connection = new DetachableConnection(socket, options, detached, OnEnded);
    }

    public Socket Socket { get; }

    public MemoryPool<byte> MemoryPool { get; }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        // HTTP may still say so after the connection is no longer its own.
        if (!_connection.IsDetached)
        {
            _connection.Abort();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_connection.IsDetached)
        {
            _detached.Start(_connection);
        }
        else
        {
            await _connection.CloseAsync();
        }

        await base.DisposeAsync();
    }

    // What is registered on the token is the web server's and the application's, and must not hold up the thread that noticed.
    private void OnEnded() =>
        ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
}
