using System.Net.Sockets;

namespace Starling.Cluster.Discovery;

/// <summary>This node's socket in the folder. Owner: <see cref="Membership"/>. Disposing removes the file.</summary>
internal sealed class NodeListener : IDisposable
{
    private const int Backlog = 512;

    private readonly Socket _socket;
    private readonly string _path;

    /// <exception cref="IOException">It cannot be opened.</exception>
    public NodeListener(ClusterFolder folder, string name)
    {
        _path = folder.SocketOf(name);
        var unfinished = folder.UnfinishedSocketOf(name);
        _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            _socket.Bind(new UnixDomainSocketEndPoint(unfinished));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            _socket.Listen(Backlog);

            // What refuses a connection is taken for dead and removed, so the name is only seen once there is somebody behind it.
            File.Move(unfinished, _path);
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            _socket.Dispose();
            throw new IOException($"The socket {_path}, by which the other processes of the cluster reach this one, cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Whether the others can find it. Programs that clean up may have removed the file.</summary>
    public bool IsVisible => File.Exists(_path);

    public ValueTask<Socket> AcceptAsync(CancellationToken cancellationToken) => _socket.AcceptAsync(cancellationToken);

    public void Dispose()
    {
        _socket.Dispose();
        try
        {
            File.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The folder is gone, or no longer ours; whoever finds the file later finds nobody behind it.
        }
    }
}
