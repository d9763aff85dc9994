using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Transports.Detaching;

/// <summary>
/// The transport under Kestrel whose connections can be detached. Takes the settings of Kestrel's own, <see cref="SocketTransportOptions"/>,
/// as far as they concern it, and leaves what is not TCP, such as Unix domain sockets, to that.
/// </summary>
internal sealed class SocketListenerFactory(
    IOptions<SocketTransportOptions> options, IOptions<LeanWebSocketOptions> leanOptions, IMemoryPoolFactory<byte> memory,
    TimeProvider time, ILogger<SocketListenerFactory> logger)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly MemoryPool<byte> _memory = memory.Create(new MemoryPoolOptions { Owner = "starling" });

    private readonly QuietCollection? _collection = QuietCollection.Create(leanOptions.Value, time);

    public bool CanBind(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint => true,

        // An end point that brings its connections itself, one by one: those that a supervisor accepts and hands over.
        IAsyncEnumerable<Socket> => true,
        FileHandleEndPoint { FileHandleType: FileHandleType.Auto or FileHandleType.Tcp } passed => IsTcp(passed),
        _ => false,
    };

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new SocketListener(endpoint, options.Value, _memory, new DetachedConnections(time, _collection, logger)));

    // The handle stays whoever's it is; a socket that does not own it only looks at it.
    private static bool IsTcp(FileHandleEndPoint passed)
    {
        using var socket = new Socket(new SafeSocketHandle((nint)passed.FileHandle, ownsHandle: false));
        return socket is { SocketType: SocketType.Stream, AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 };
    }

    public void Dispose()
    {
        _collection?.Dispose();
        _memory.Dispose();
    }
}
