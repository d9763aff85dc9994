using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Starling.Messaging.NodeIpc;

/// <summary>
/// A descriptor that came with a message. It belongs to whoever received the message. Dispose it when the connection is over: a Node.js
/// parent that closes the server from which it handed out connections waits until its children say that they are done with them.
/// </summary>
public sealed class NodeHandle : IDisposable
{
    private readonly SafeFileHandle _descriptor;
    private readonly Action? _released;
    private int _disposed;

    internal NodeHandle(NodeHandleKind kind, SafeFileHandle descriptor, Action? released)
    {
        Kind = kind;
        _descriptor = descriptor;
        _released = released;
    }

    /// <summary>What the sender says that it is.</summary>
    public NodeHandleKind Kind { get; }

    /// <summary>The descriptor, closed on exec, valid until this is disposed.</summary>
    public SafeHandle Descriptor => _descriptor;

    /// <summary>Makes a socket of it, with a descriptor of its own: both are to be disposed.</summary>
    /// <exception cref="SocketException">It is no socket.</exception>
    /// <exception cref="IOException">Too many descriptors are open.</exception>
    public Socket ToSocket()
    {
        using var copy = UnixDescriptors.Duplicate(_descriptor);
        var socket = new Socket(new SafeSocketHandle(copy.DangerousGetHandle(), ownsHandle: true));
        copy.SetHandleAsInvalid();
        return socket;
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _descriptor.Dispose();
            _released?.Invoke();
        }
    }
}
