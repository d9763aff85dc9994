using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Starling.Supervisor.Sockets;

/// <summary>
/// A listening socket that workers share. The supervisor does not accept on it, unless it hands connections out itself; it keeps it open, so that connections
/// wait in the system's queue while workers come and go. Owner: <see cref="SharedSockets"/>; lives as long as an application names its address.
/// </summary>
internal sealed class SharedSocket(string key, Socket socket) : IDisposable
{
    public string Key { get; } = key;

    public SafeHandle Handle => socket.SafeHandle;

    public EndPoint EndPoint => socket.LocalEndPoint!;

    /// <summary>Number of applications, or of cluster workers, that use it.</summary>
    public int Users { get; set; }

    public ValueTask<Socket> AcceptAsync(CancellationToken cancellationToken) => socket.AcceptAsync(cancellationToken);

    public static SharedSocket Attach(string key, SafeHandle handle)
    {
        var socket = new Socket(new SafeSocketHandle(handle.DangerousGetHandle(), ownsHandle: true));
        handle.SetHandleAsInvalid();
        return new SharedSocket(key, socket);
    }

    public void Dispose()
    {
        var unix = socket.LocalEndPoint as UnixDomainSocketEndPoint;
        socket.Dispose();
        try
        {
            if (unix is not null)
            {
                File.Delete(unix.ToString());
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A stale file is noticed, and removed, when the address is opened again.
        }
    }
}
